# Nomad: one account, each morning.
job "gabbai-visa-cal" {
  type = "batch"

  periodic {
    crons            = ["30 7 * * *"]
    time_zone        = "Asia/Jerusalem"
    prohibit_overlap = true
  }

  group "run" {
    # Restarts would not look at the exit code, and some of them must not be tried again.
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }

    volume "data" {
      type   = "host"
      source = "gabbai"
    }

    task "gabbai" {
      driver = "docker"
      user   = "1000"

      config {
        image    = "gabbai:0.1.0"
        args     = ["run", "visa-cal", "--no-input", "--no-login"]
        shm_size = 268435456
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
      }

      template {
        destination = "secrets/gabbai.env"
        env         = true
        data        = <<-ENV
          SESSION_ENCRYPTION_KEY={{ with nomadVar "nomad/jobs/gabbai-visa-cal" }}{{ .session_encryption_key }}{{ end }}
        ENV
      }

      resources {
        cpu    = 500
        memory = 1024
      }
    }
  }
}
