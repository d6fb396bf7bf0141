#!/usr/bin/python3
"""make check-cron: croniter (Debian's python3-croniter) on the vectors that tests/unit/cron_test.c goes through.

    cron.py PROGRAM             what PROGRAM (cron_peer) says of each is what is recorded, and what croniter says
    cron.py --record PROGRAM    writes the vectors anew

Given aware times, croniter 1.3.5 adds hours of the clock to moments: around a change of the clocks it is an hour off, or
says a time twice.  Such a vector says so, and is compared in two steps instead: croniter's times on a clock without a zone,
which pytz takes to moments, with Debian's rule for those that the clock shows twice or never.
"""
import datetime
import random
import subprocess
import sys

import croniter
import pytz

FILE = 'tests/unit/cron_vectors.txt'
ZONES = ['Asia/Jerusalem', 'America/New_York', 'Australia/Sydney']
UTC = datetime.timezone.utc
# Days around which clocks change, and an ordinary one.
STARTS = {
    'Asia/Jerusalem': ['2027-03-25', '2027-03-26', '2027-10-30', '2027-10-31', '2028-02-27'],
    'America/New_York': ['2027-03-13', '2027-03-14', '2027-11-06', '2027-11-07', '2027-12-30'],
    'Australia/Sydney': ['2027-04-03', '2027-04-04', '2027-10-02', '2027-10-03', '2028-01-15'],
}
FIXED = [
    '30 7 * * *', '0 0 * * *', '15 2 * * *', '30 1 * * *', '0 2 * * *', '0 3 * * *', '59 1 * * *', '0 1 * * *',
    '45 23 * * *', '30 2 * * SUN', '30 2 * * FRI', '0 8,20 * * *', '10 1,2,3 * * *', '5 4 1 * *', '0 6 15 * *',
    '0 9 * * MON-FRI', '0 9 * * 1-5', '30 18 * * 0', '30 18 * * 7', '0 12 31 * *', '0 0 29 2 *', '0 12 29 2 *',
    '0 0 1 JAN *', '0 22 * MAR,OCT SUN', '15 10 13 * FRI', '0 5 1,15 * MON', '20 4 10-20/3 * *', '0 0 1-7 * 1',
    '0 16 * 6-8 SAT', '0-10/5 7 * * *', '7 5 * */3 *', '@daily', '@weekly', '@monthly', '@yearly', '@midnight',
]
FOLLOWING = [
    '@hourly', '*/15 * * * *', '0 * * * *', '30 * * * *', '*/20 6-8 * * *', '0 */4 * * *', '5 */2 * * *', '* 3 * * *',
    '*/30 1-3 * * *', '*/10 23 * * SAT', '45 */6 * * 1-5', '*/5 0 1 * *', '17 * 26 3 *', '*/45 * * * *',
]


def aware(expression, zone, start):
    turns = croniter.croniter(expression, datetime.datetime.fromtimestamp(start, pytz.timezone(zone)))
    return [int(turns.get_next(float)) for _ in range(5)]


def moments(tz, local, follows):
    """The moments of a clock's time, and whether Debian's rule was needed for them."""
    try:
        return [tz.localize(local, is_dst=None).timestamp()], False
    except pytz.NonExistentTimeError:
        if follows:
            return [], True
        before = tz.localize(local, is_dst=False).timestamp() - 7200
        return [next(before + 60 * i for i in range(300)
                     if datetime.datetime.fromtimestamp(before + 60 * i, tz).replace(tzinfo=None) > local)], True
    except pytz.AmbiguousTimeError:
        both = [tz.localize(local, is_dst=dst).timestamp() for dst in (True, False)]
        return both if follows else both[:1], True


def in_two_steps(expression, zone, start):
    """The next five, and whether Debian's rule had a say in them."""
    tz = pytz.timezone(zone)
    begin = datetime.datetime.fromtimestamp(start, tz).replace(tzinfo=None) - datetime.timedelta(hours=4)
    words = expression.split()
    follows = expression == '@hourly' or words[0].startswith('*') or words[1:2] and words[1].startswith('*')
    turns, found, ruled = croniter.croniter(expression, begin), set(), set()
    for _ in range(600):
        all_of_it, by_rule = moments(tz, turns.get_next(datetime.datetime), follows)
        found.update(int(t) for t in all_of_it if t > start)
        ruled.update(int(t) for t in all_of_it if by_rule)
        if by_rule and not all_of_it:
            ruled.add(min([t for t in found] + [start]))
    five = sorted(found)[:5]
    return five, bool(ruled & set(five)) or bool(ruled and follows)


def ours(program, lines):
    told = ''.join('%s|%d|%s\n' % line for line in lines)
    done = subprocess.run([program], input=told, capture_output=True, text=True, check=True)
    return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]


def shown(times):
    return ' '.join(datetime.datetime.fromtimestamp(t, UTC).strftime('%Y-%m-%dT%H:%MZ') for t in times)


def seconds(text):
    return int(datetime.datetime.strptime(text, '%Y-%m-%dT%H:%MZ').replace(tzinfo=UTC).timestamp())


RULE, OFF = "Debian's rule", "croniter is off on a day of a change"


def record(program):
    dice, lines = random.Random(7), []
    choices = [(e, z, s) for z in ZONES for s in STARTS[z] for e in FIXED + FOLLOWING]
    for expression, zone, day in dice.sample(choices, 200):
        midnight = pytz.timezone(zone).localize(datetime.datetime.fromisoformat(day))
        lines.append((zone, int(midnight.timestamp()) + 60 * dice.randrange(0, 300), expression))
    with open(FILE, 'w', encoding='ascii') as out:
        out.write('# zone|from|schedule|the next five times|why croniter says otherwise.  Made by tests/peer/cron.py --record.\n')
        for line, times in zip(lines, ours(program, lines)):
            row = (line[2], line[0], line[1])
            why = '' if aware(*row) == times else RULE if in_two_steps(*row)[1] else OFF
            out.write('|'.join([line[0], shown([line[1]]), line[2], shown(times), why]) + '\n')


def check(program):
    rows = [line.rstrip('\n').split('|') for line in open(FILE, encoding='ascii') if not line.startswith('#')]
    lines = [(row[0], seconds(row[1]), row[2]) for row in rows]
    wrong, count = 0, {'': 0, RULE: 0, OFF: 0}
    for line, row, times in zip(lines, rows, ours(program, lines)):
        asked = (line[2], line[0], line[1])
        recorded = [seconds(word) for word in row[3].split()]
        ok = times == recorded == in_two_steps(*asked)[0] and (row[4] != '' or times == aware(*asked))
        if row[4] or not ok:
            print('%s from %s in %s: %s\n  ours      %s\n  croniter  %s' % (row[2], row[1], row[0], row[4], shown(times),
                  shown(aware(*asked))))
        if not ok:
            print('  two steps %s\n  WRONG' % shown(in_two_steps(*asked)[0]))
        wrong += not ok
        count[row[4]] += ok
    print("%d vectors: %d as croniter says at once, %d by Debian's rule, %d where croniter is off, %d wrong" % (len(rows),
          count[''], count[RULE], count[OFF], wrong))
    return wrong == 0 and len(rows) == 200


if __name__ == '__main__':
    if sys.argv[1] == '--record':
        record(sys.argv[2])
    else:
        sys.exit(not check(sys.argv[1]))
