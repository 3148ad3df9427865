"""All settings. Each variable of the environment is read once, here, and listed in .env.example."""

import re
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Plain http on this machine only: what ./run and ./test set. Everything else is safe by default.
INSECURE_LOCAL = env.bool("COPROD_INSECURE_LOCAL", default=False)
DATA_DIR = Path(env("COPROD_VAR", default=str(BASE_DIR / "var"))).resolve()
OUT_DIR = DATA_DIR / "out"

SECRET_KEY = env("SECRET_KEY")
# Newest first: the first seals, all of them open.
BANK_DETAILS_KEYS = env.list("BANK_DETAILS_KEYS")
# Stands before a payment's number on a bank statement: neutral, never a topic, and as banks can carry it.
PAYMENT_REFERENCE_PREFIX = env("PAYMENT_REFERENCE_PREFIX", default="CP")
if not re.fullmatch(r"[A-Z][A-Z0-9]{0,6}", PAYMENT_REFERENCE_PREFIX):
    raise ImproperlyConfigured("PAYMENT_REFERENCE_PREFIX takes one to seven capital letters and digits, like CP.")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])

INSTALLED_APPS = [
    "coprod",
    "payments",
    "activities",
    "eligibility",
    "pgtrigger",
    "crispy_forms",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "eligibility.doors.Doors",
]
ROOT_URLCONF = "coprod.urls"
WSGI_APPLICATION = "coprod.wsgi.application"
AUTH_USER_MODEL = "eligibility.Person"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "coprod.every_page.every_page",
            ],
            "builtins": ["eligibility.templatetags.govuk"],
        },
    }
]

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (
    # A waiting lock ends in a refusal, not in a page that hangs, and no statement outlives the longest task.
    "-c lock_timeout=60s -c statement_timeout=300s -c idle_in_transaction_session_timeout=300s"
)

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CSRF_FAILURE_VIEW = "coprod.errors.csrf_failure"
CRISPY_TEMPLATE_PACK = "govuk"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("govuk",)

# How to reach a person, shown in the same place on every page. What is empty is not shown.
HELP_PHONE = env("HELP_PHONE", default="")
HELP_TEXT = env("HELP_TEXT", default="")
HELP_EMAIL = env("HELP_EMAIL", default="")

# Where the service is found, for links that leave it.
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")

# Signing in: a code by e-mail or text, no passwords. Only whoever the office knows; nobody makes an account.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "eligibility.adapter.AccountAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "front-page"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
# Six digits are what people know and keyboards fill in; the limits below make them safe.
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_TIMEOUT = 60 * 60
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    # At most a hundred guesses a day at the codes of one address.
    "request_login_code": "20/m/ip,200/d/ip,5/10m/key,20/d/key",
    "try_login_code": "30/m/ip,5/h/key",
    "use_sign_in_link": "30/m/ip",
    # The second factor. Forgotten when it is right.
    "login_failed": "30/m/ip,5/5m/key,20/d/key",
}
# How many proxies of ours stand before the service. What others claim about where they are is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MFA_ADAPTER = "eligibility.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Coprod"
MFA_TOTP_PERIOD = 30
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute wrong
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600  # of staff: see eligibility/adapter.py
# Kept in the database, so that every process counts the same tries. Django's own limit of 300 entries would let
# anybody wash the counts away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# What carries words to people. A channel that is not here is not offered.
CHANNELS = {"email": "eligibility.channels.DjangoMail"}
TEXT_CHANNEL = env("TEXT_CHANNEL", default="eligibility.channels.TextFolder" if INSECURE_LOCAL else "")
if TEXT_CHANNEL:
    CHANNELS["text"] = TEXT_CHANNEL
EMAIL_BACKEND = "eligibility.channels.MailFolder"
EMAIL_URL = env("EMAIL_URL", default="" if INSECURE_LOCAL else "smtp://localhost:25")
if EMAIL_URL:
    vars().update(env.email_url_config(EMAIL_URL))
EMAIL_TIMEOUT = 10
# Neutral: whoever sees it over somebody's shoulder learns nothing.
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", default=HELP_EMAIL or "no-reply@localhost")

SECURE_SSL_REDIRECT = not INSECURE_LOCAL
SECURE_HSTS_SECONDS = 0 if INSECURE_LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_LOCAL
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not INSECURE_LOCAL
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        # Drawn by the service itself: the picture that an authenticator app reads.
        "img-src": [SELF, "data:"],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

CELERY_BROKER_URL = env("CELERY_BROKER_URL")
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
# Must exceed the hard time limit, or a task still running is handed out a second time.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_step": 0.5, "interval_max": 1}
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_TASK_DEFAULT_QUEUE = "money"
CELERY_TASK_QUEUES = [Queue("money"), Queue("documents")]
CELERY_TASK_ROUTES = {"payments.tasks.make_documents": {"queue": "documents"}}
# Beat only ticks. Which run is due, and which card is missing, is for the database to say.
SWEEP_SECONDS = env.int("COPROD_SWEEP_SECONDS", default=120)
CELERY_BEAT_SCHEDULE = {
    "prepare the due run": {
        "task": "payments.tasks.prepare_due_run",
        "schedule": 600.0,
        "options": {"queue": "money", "expires": 600},
    },
    "settle the runs that nothing came back from": {
        "task": "payments.tasks.settle_due_runs",
        "schedule": 600.0,
        "options": {"queue": "money", "expires": 600},
    },
    "open the claims of those who attended": {
        "task": "payments.tasks.open_claims",
        "schedule": 600.0,
        "options": {"queue": "money", "expires": 600},
    },
    "seal the events": {
        "task": "payments.tasks.seal_events",
        "schedule": 600.0,
        "options": {"queue": "money", "expires": 600},
    },
    "forget old sign-ins": {
        "task": "eligibility.tasks.forget_old_sign_ins",
        "schedule": 86_400.0,
        "options": {"queue": "documents", "expires": 3600},
    },
    "make the documents that are due": {
        "task": "payments.tasks.make_documents",
        "schedule": float(SWEEP_SECONDS),
        "options": {"queue": "documents", "expires": 600},
    },
}

# To standard error, for whoever runs the service to keep. Nothing personal: see eligibility/discretion.py.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {
            "()": "eligibility.discretion.DiscreetFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # These tell of every font table and media type.
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}
