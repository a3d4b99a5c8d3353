"""How Celery is set up: a task whose worker was killed comes back within a minute, and none is lost or hoarded."""

from typing import Any

from celery.schedules import crontab

SOFT_TIME_LIMIT = 25
TIME_LIMIT = 28
# Above twice the longest ordinary task: a task that outlives it is delivered a second time. What may take longer is a
# Job, which knows
# by its heartbeat that it runs already.
VISIBILITY_TIMEOUT = 60


def celery_settings(redis_url: str) -> dict[str, Any]:
    """Return the configuration of the Celery application."""
    return {
        "broker_url": redis_url,
        "result_backend": None,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "timezone": "UTC",
        "enable_utc": True,
        "task_default_queue": "gx",
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_track_started": False,
        "task_time_limit": TIME_LIMIT,
        "task_soft_time_limit": SOFT_TIME_LIMIT,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 3,
        # A publisher must not hang with its request: `enqueue` keeps what could not be sent.
        "task_publish_retry": True,
        "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.2},
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "retry_on_timeout": True,
        },
        "beat_schedule": {
            # 03:10 in Shanghai, when the customers' customers sleep.
            "daily": {
                "task": "guanxi.jobs.run_daily",
                "schedule": crontab(hour="19", minute="10"),
                "options": {"expires": 6 * 3600},
            },
        },
    }
