"""Container health check: `python deploy/healthy.py PORT` exits 0 when /healthz answers 200."""

import http.client
import os
import sys


def main(port: int) -> int:
    """Ask as a visitor would: Django refuses a Host header that it does not serve."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
