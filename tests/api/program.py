"""A program with a key, and what it sends."""

import json

from django.test import Client

PROBLEM = "application/problem+json"


class Program:
    """Sends JSON with a key; answers status, body and the headers."""

    def __init__(self, token=""):
        self.client = Client(enforce_csrf_checks=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def send(self, method, path, body=None, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"data": content, "content_type": "application/json"} if body is not None else {}
        return getattr(self.client, method)(path, headers={**self.headers, **headers}, **sent)

    def get(self, path, **headers):
        return self.send("get", path, **headers)

    def post(self, path, body=None, **headers):
        return self.send("post", path, {} if body is None else body, **headers)


def problem(response):
    """The code of a problem, once it has been looked at as a whole."""
    assert response["Content-Type"] == PROBLEM
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:ringback:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    return body["code"]


def fields(response):
    """Pointer and code of each field that is wrong."""
    assert (problem(response), response.status_code) == ("invalid", 422)
    found = response.json()["errors"]
    assert all(one["detail"] for one in found)
    return [(one["pointer"], one["code"]) for one in found]
