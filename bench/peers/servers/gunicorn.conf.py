"""One worker, since every server of the benchmark has one CPU; threads keep connections open."""

import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 1
worker_class = "gthread"
threads = 4
loglevel = "error"
