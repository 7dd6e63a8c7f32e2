"""Background jobs, kept in PostgreSQL: the Redis broker loses jobs when a worker is killed."""

from .environment import read

# A job that takes longer is ended. So a job that nobody has finished in three times that long (its
# own, and that of one it may have waited behind) was lost with its worker, and is handed out again.
JOB_TIMEOUT = read("JOB_TIMEOUT")

Q_CLUSTER = {
    "name": "churchsaas",
    "orm": "default",
    "broker_class": "tenants.queue.InOrder",
    "workers": read("WORKER_PROCESSES"),
    "timeout": JOB_TIMEOUT,
    "retry": 3 * JOB_TIMEOUT,
    # Jobs fetched before a worker is free wait with their time running, so no more than one.
    "queue_limit": 1,
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
