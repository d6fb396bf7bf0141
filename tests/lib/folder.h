/* Folders that tests make. */
#ifndef TESTS_LIB_FOLDER_H
#define TESTS_LIB_FOLDER_H

/* Removes PATH with all that is in it. */
void folder_remove(const char *path);

#endif
