-- A Prosody for one test run. `run` puts the directory and the ports in their places.
pidfile = "@DIRECTORY@/prosody.pid"
data_path = "@DIRECTORY@/prosody"
run_as_root = true
log = { { levels = { min = "info" }, to = "file", filename = "@DIRECTORY@/prosody.log" } }

modules_enabled = { "saslauth", "disco", "ping", "presence", "message", "iq", "websocket", "bosh", "smacks" }
modules_disabled = { "s2s", "tls", "offline" }
c2s_ports = {}
c2s_direct_tls_ports = {}
s2s_ports = {}

http_ports = { @PORT@ }
http_interfaces = { "127.0.0.1" }
https_ports = { @TLS_PORT@ }
https_interfaces = { "127.0.0.1" }
https_ssl = { key = "@DIRECTORY@/localhost.key", certificate = "@DIRECTORY@/localhost.crt" }
http_default_host = "localhost"
-- Passwords may pass without TLS: it is the loopback interface.
consider_websocket_secure = true
consider_bosh_secure = true
c2s_require_encryption = false
allow_unencrypted_plain_auth = true

VirtualHost "localhost"
    authentication = "anonymous"

VirtualHost "accounts.localhost"
    authentication = "internal_plain"

VirtualHost "plain.localhost"
    authentication = "internal_plain"
    disable_sasl_mechanisms = { "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS" }

Component "conference.localhost" "muc"
    restrict_room_creation = false
    muc_room_locking = false
