from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Churches"

    def ready(self) -> None:
        # Deferred: models are not loaded before this point.
        from core import health
        from tenants import jobs, local_clock, tasks

        tasks.connect()
        local_clock.connect()
        health.register("worker", jobs.check_worker)
