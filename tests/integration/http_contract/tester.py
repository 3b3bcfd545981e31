"""tester.py -- the world that requests are made in, and one call of a route."""

import api
import cases
import people
import tap
import world
from routes import letter


class Tester:
    def __init__(self, cluster):
        self.cluster = cluster
        world.load(cluster)
        world.put(cluster, cases.records(), name="cases")
        self.people = people.load(cluster)
        self.people["machine"] = people.machine(
            cluster, self.people["administrator"])
        answer = people.nobody(cluster).get("/openapi.json")
        self.document = api.Document(answer.json)
        self.calls = 0

    def appeal(self, by, **fields):
        answer = by.post("/appeals", letter(**fields))
        assert answer.of("appeal_id"), answer
        return answer.of("appeal_id")

    def client(self, who):
        if who is None:
            return people.nobody(self.cluster)
        if who == "new":
            client = people.nobody(self.cluster)
            client.sign_in("petra", people.password_of("petra"))
            return client
        return self.people[who]

    def ask(self, client, method, path, route, **options):
        """One call of a route; what is not given is the good one."""
        self.calls += 1
        values = options.pop("values", None)
        values = route.path(self) if values is None else values
        body = options.pop("body", None)
        if body is None and route.body:
            body = route.body(self)
        query = options.pop("query", route.query)
        return client.call(method, path.format(**values), body, query,
                           **options)

    def documented(self, method, path, answer, what):
        faults = self.document.faults(method, path, answer)
        tap.equal(faults, [], what)
