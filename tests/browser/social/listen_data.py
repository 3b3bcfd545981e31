"""listen_data.py -- what the pages of rules, training and feeds are tested with: a
server of feeds, mentions that people judged, and a model made of those.
"""

import http.server
import json
import random
import threading
import time

from suyuan.v1 import social_facts_pb2 as facts
from suyuan.v1 import social_model_pb2 as model
from suyuan.v1 import social_pb2 as social

# Words of this data that no translation touches.
WORDS = ("queues", "queue", "front", "listen", "shop", "api", "broken", "shop.test",
         "the first", "the second")
ITEM = ("<item><guid>{n}</guid><title>Letter {n}</title>"
        "<description>The letter {n} came late</description></item>")
SAID = {
    facts.MENTION_CLAIM: (facts.SENTIMENT_NEGATIVE, "посылка потеряна неделю "
                          "жду никто не отвечает ужасно верните деньги"),
    facts.MENTION_PRAISE: (facts.SENTIMENT_POSITIVE, "спасибо девушка оператор "
                           "вежливая быстро помогла отлично приятно"),
    facts.MENTION_QUESTION: (facts.SENTIMENT_NEUTRAL, "сколько стоит подскажите "
                             "тариф бандероль письмо отправить можно"),
}


class Site(http.server.ThreadingHTTPServer):
    """A feed, an interface, and nothing else."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = {
            "/rss": '<?xml version="1.0"?><rss version="2.0"><channel>' +
                    "".join(ITEM.format(n=n) for n in range(3)) +
                    "</channel></rss>",
            "/api": json.dumps({"data": {"items": [
                {"id": "a", "say": "one", "at": int(time.time())},
                {"id": "b", "say": "two", "at": int(time.time())},
                {"say": "of nobody"}]}}),
        }.get(self.path, "").encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def load(cluster):
    """60 mentions that are judged, a model of them in use, a second beside it."""
    rnd = random.Random(3)
    client = cluster.client("social", "admin")
    now = int(time.time() * 1e6)

    def say(n, words, source="ok"):
        return client.query("PutMention", social.PutMentionRequest(
            source=source, external_id=f"say-{n}", author=f"b{n}", lang="ru",
            url=f"https://{source}/{n}", text=words,
            published_at_us=now - n * 60000000), social.PutMentionReply)

    for n in range(60):
        kind = list(SAID)[n % 3]
        tone, words = SAID[kind]
        made = say(n, " ".join(rnd.sample(words.split(), 5) + [str(n)]))
        client.query("CorrectMention", model.CorrectMentionRequest(
            mention_id=made.mention_id, mention_class=kind, sentiment=tone),
            social.PutMentionReply)
    cluster.cli("train", "--from-service", "--put", "--use", "--quiet",
                "--folds", "2", "--note", "the first")
    cluster.cli("train", "--from-service", "--put", "--quiet",
                "--folds", "2", "--note", "the second")
    time.sleep(1.2)     # replicas read what is in use once a second
    for n in range(100, 108):
        say(n, "спасибо посылка потеряна сколько стоит 😡 очередь " + str(n),
            "vk")
