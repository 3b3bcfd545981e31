"""mailservers.py -- real mail servers for a test, as any user, in a folder of
their own, on loopback: Exim takes mail and keeps it in a maildir, Dovecot serves a
maildir by IMAP. Both speak TLS with a certificate of the test's own.
"""

import email
import email.message
import email.policy
import email.utils
import glob
import grp
import hmac
import http.server
import imaplib
import os
import pwd
import signal
import socket
import ssl
import subprocess
import threading
import time

import ports
import wire  # noqa: F401 (makes the modules)
from suyuan.v1 import directory_pb2 as directory

USER, PASSWORD = "suyuan", "a-password"
EXIM, DOVECOT = "/usr/sbin/exim4", "/usr/sbin/dovecot"

EXIM_CONF = """\
exim_path = {exim}
spool_directory = {dir}/spool
log_file_path = {dir}/%slog
pid_file_path = {dir}/exim.pid
exim_user = {user_name}
exim_group = {group}
admin_groups = {group}
primary_hostname = mail.test
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port} : {tls_port}
tls_on_connect_ports = {tls_port}
tls_advertise_hosts = *
tls_certificate = {cert}
tls_privatekey = {key}
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
deliver_drop_privilege = true
smtp_accept_max = 50
smtp_accept_max_per_connection = 0
smtp_accept_queue_per_connection = 0
keep_environment =
acl_smtp_rcpt = rcpt
acl_smtp_data = data
begin acl
rcpt:
  deny !authenticated = *
  deny message = no such customer
       local_parts = nobody
  accept domains = customers.test
  deny
data:
  accept
begin routers
all:
  driver = accept
  domains = customers.test
  transport = maildir
begin transports
maildir:
  driver = appendfile
  maildir_format
  create_directory
  directory = {dir}/maildir
  envelope_to_add
  return_path_add
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""

DOVECOT_CONF = """\
base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mail_location = maildir:{dir}/maildir
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def certificate(folder):
    """Of localhost, signed by itself: (certificate, key)."""
    cert, key = (os.path.join(folder, n) for n in ("cert.pem", "cert.key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
         cert], check=True, capture_output=True)
    os.chmod(key, 0o644)    # of a test, read by another user
    return cert, key


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Server:
    """A process of an unprivileged user in a folder of its own."""

    def __init__(self, folder, cert, key):
        self.dir, self.cert, self.key = folder, cert, key
        self.port, self.tls_port = ports.take(), ports.take()
        self.process = None
        # They refuse to keep mail as root.
        self.owner = pwd.getpwnam("postgres") if os.getuid() == 0 else \
            pwd.getpwuid(os.getuid())
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        self.err = open(os.path.join(folder, "stderr"), "ab")
        os.chown(folder, self.owner.pw_uid, self.owner.pw_gid)

    def run(self, command):
        if os.getuid() == 0:
            command = ["setpriv", f"--reuid={self.owner.pw_uid}",
                       f"--regid={self.owner.pw_gid}",
                       f"--groups={self.owner.pw_gid}",
                       *command]
        self.process = subprocess.Popen(
            command, cwd=self.dir, stdin=subprocess.DEVNULL,
            start_new_session=True, stderr=self.err)
        end = time.monotonic() + 20
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{command}: does not answer")
            time.sleep(0.05)

    def stop(self):
        """With all that it has started."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return path


class Exim(Server):
    """Takes mail for customers.test from who signs in over TLS."""

    def start(self):
        conf = self.write("exim.conf", EXIM_CONF.format(
            exim=EXIM, dir=self.dir, port=self.port, tls_port=self.tls_port,
            cert=self.cert, key=self.key, user=USER, password=PASSWORD,
            user_name=self.owner.pw_name, group=grp_name(self.owner.pw_gid)))
        self.run([EXIM, "-C", conf, "-bdf", "-q1m"])

    def mails(self):
        """What was delivered, in no order."""
        out = []
        for path in glob.glob(os.path.join(self.dir, "maildir", "new", "*")):
            with open(path, "rb") as f:
                out.append(email.message_from_binary_file(
                    f, policy=email.policy.default))
        return out


class Dovecot(Server):
    """Serves one maildir to USER."""

    def start(self):
        conf = self.write("dovecot.conf", DOVECOT_CONF.format(
            dir=self.dir, port=self.port, tls_port=self.tls_port,
            cert=self.cert, key=self.key, password=PASSWORD,
            user=self.owner.pw_name, group=grp_name(self.owner.pw_gid),
            uid=self.owner.pw_uid, gid=self.owner.pw_gid))
        os.makedirs(os.path.join(self.dir, "run"), exist_ok=True)
        os.chown(os.path.join(self.dir, "run"), self.owner.pw_uid,
                 self.owner.pw_gid)
        self.run([DOVECOT, "-F", "-c", conf])


class Box:
    """The mailbox as those who write to it have it."""

    def __init__(self, dovecot, cert):
        self.imap = imaplib.IMAP4_SSL(
            "localhost", dovecot.tls_port,
            ssl_context=ssl.create_default_context(cafile=cert))
        self.imap.login("box", PASSWORD)

    def put(self, message, folder="INBOX"):
        data = message if isinstance(message, bytes) else message.as_bytes()
        status, answer = self.imap.append(folder, None, None, data)
        assert status == "OK", answer

    def uids(self):
        self.imap.select("INBOX")
        return self.imap.uid("search", "ALL")[1][0].split()


def letter(subject, text, sender="Ann <ann@customers.test>", **headers):
    m = email.message.EmailMessage()
    m["From"] = sender
    m["To"] = "care@post.test"
    m["Subject"] = subject
    m["Date"] = email.utils.formatdate(time.time() - 3600)
    m["Message-ID"] = headers.pop("message_id", None) or \
        email.utils.make_msgid(domain="customers.test")
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content(text)
    return m


def grp_name(gid):
    return grp.getgrgid(gid).gr_name


# --- the other side of a webhook ---

class Endpoint(http.server.ThreadingHTTPServer):
    """An HTTPS server that keeps what is posted to it; answer(n) gives the
    status of the n-th post of one key, None: it hangs up after it has read
    all."""

    daemon_threads = True

    def __init__(self, cert, key, answer=lambda n: 204):
        super().__init__(("127.0.0.1", 0), Post)
        self.answer, self.posts, self.lock = answer, [], threading.Lock()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://localhost:{self.server_port}/hook"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Handshakes that were broken off are no news."""


class Post(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.posts.append((dict(self.headers), body))
            key = self.headers["Idempotency-Key"]
            status = self.server.answer(sum(
                h["Idempotency-Key"] == key for h, _ in self.server.posts))
        if status is None:
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Quiet."""


def signature_holds(headers, body, key):
    """As the README tells receivers to check it."""
    parts = dict(p.split("=", 1)
                 for p in headers["X-Suyuan-Signature"].split(","))
    mac = hmac.new(key, parts["t"].encode() + b"." + body, "sha256")
    return hmac.compare_digest(mac.hexdigest(), parts["v1"]) and \
        abs(time.time() - int(parts["t"])) < 300


# --- a system that has them ---

def environment(folder, cert, exim=None, **more):
    """Variables of complaints; secrets/ of folder is the folder of secrets."""
    secrets = os.path.join(folder, "secrets")
    os.makedirs(secrets, exist_ok=True)
    env = {"SUYUAN_SECRETS_DIR": secrets, "SUYUAN_OUTSIDE_CA_FILE": cert,
           "SUYUAN_MAIL_LANG": "en"}
    if exim:
        env.update({
            "SUYUAN_SMTP_URL": f"smtp://localhost:{exim.port}",
            "SUYUAN_SMTP_USER": USER, "SUYUAN_SMTP_PASSWORD": PASSWORD,
            "SUYUAN_MAIL_FROM": "Post <care@post.test>"})
    env.update(more)
    return env


def secret(folder, name, text):
    with open(os.path.join(folder, "secrets", name), "w",
              encoding="utf-8") as f:
        f.write(text + "\n")


def notice(code, event, template, by="", lang="", **match):
    """A NoticeRule."""
    return directory.DirectoryRecord(policy=directory.Policy(
        code=code, valid_from_day=10957, notice=directory.NoticeRule(
            match=directory.PolicyMatch(**match), event=event,
            template=template, by=by, lang=lang)))
