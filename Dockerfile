# syntax=docker/dockerfile:1.7
# One image for every role of Guanxi: web, worker, beat, relay and migrations differ by their command alone.

ARG PYTHON_VERSION=3.11.13
ARG NODE_VERSION=20.19.5

# --- the pages ---------------------------------------------------------------------------------------------------------
FROM node:${NODE_VERSION}-bookworm-slim AS pages
WORKDIR /app/frontend
COPY frontend/ ./
RUN --mount=type=cache,target=/cache npm ci --cache /cache/npm && npm run build

# --- the libraries -----------------------------------------------------------------------------------------------------
FROM python:${PYTHON_VERSION}-slim-bookworm AS libraries
ARG UV_VERSION=0.9.9
ENV UV_LINK_MODE=copy \
    UV_COMPILE_BYTECODE=1 \
    UV_PYTHON_DOWNLOADS=never \
    UV_CACHE_DIR=/cache/uv \
    PIP_CACHE_DIR=/cache/pip
RUN --mount=type=cache,target=/cache pip install "uv==${UV_VERSION}"
WORKDIR /app
COPY pyproject.toml uv.lock README.md ./
RUN --mount=type=cache,target=/cache uv sync --frozen --no-dev --no-install-project
COPY platform/ platform/
COPY tenants/ tenants/
COPY crm/ crm/
COPY bots/ bots/
COPY billing/ billing/
RUN --mount=type=cache,target=/cache uv sync --frozen --no-dev

# --- what runs ---------------------------------------------------------------------------------------------------------
FROM python:${PYTHON_VERSION}-slim-bookworm AS runtime
ARG POSTGRES_CLIENT=18
# pg_dump writes down a new release's schema for the spare workspaces; it must not be older than the server.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates postgresql-common \
    && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
    && apt-get install --yes --no-install-recommends "postgresql-client-${POSTGRES_CLIENT}" \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 guanxi \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin guanxi \
    && install --directory --owner=10001 --group=10001 /var/lib/guanxi/files
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GUANXI_ENV=production \
    GUANXI_STATE_DIR=/var/lib/guanxi
WORKDIR /app
COPY --from=libraries /app /app
COPY --from=pages /app/frontend/apps/console/dist frontend/apps/console/dist
COPY --from=pages /app/frontend/apps/widget/dist frontend/apps/widget/dist
COPY --from=pages /app/frontend/apps/loader/dist frontend/apps/loader/dist
# Collecting needs no secret and no database, so it runs with the development settings, which ask for none.
RUN GUANXI_ENV=dev guanxi manage collectstatic --no-input
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["daphne", "--bind", "0.0.0.0", "--port", "8000", "--proxy-headers", "guanxi.config.asgi:application"]
