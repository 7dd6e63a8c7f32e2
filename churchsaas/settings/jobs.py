"""Background jobs, kept in PostgreSQL: the Redis broker loses jobs when a worker is killed."""

from .environment import read

Q_CLUSTER = {
    "name": "churchsaas",
    "orm": "default",
    "workers": read("WORKER_PROCESSES"),
    "timeout": 540,
    # Longer than the timeout, or a slow job would be handed out twice.
    "retry": 600,
    "max_attempts": 5,
    "ack_failures": False,
    "catch_up": False,
    # Results of jobs that went well are not kept: keeping some costs a lock for each job.
    "save_limit": -1,
    "recycle": 500,
    "max_rss": 512_000,
    "poll": 0.5,
    "label": "Jobs",
}
