# One image for both roles. The API is what it runs by itself; the worker and the operator's
# commands are the same image with another command:
#
#   docker build -t baocao .
#   docker run --rm -v baocao:/var/lib/baocao baocao python -m app setup
#   docker run -d -v baocao:/var/lib/baocao -p 127.0.0.1:8000:8000 baocao
#   docker run -d -v baocao:/var/lib/baocao --no-healthcheck baocao python -m worker
#
# Without DATABASE_URL everything is one SQLite file in that volume, on one machine, with one
# worker. compose.yaml is the same on PostgreSQL, with two.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
COPY requirements.lock .
RUN python -m venv --without-pip /opt/venv
RUN pip --python /opt/venv/bin/python --disable-pip-version-check --no-cache-dir install \
    --only-binary :all: --require-hashes -r requirements.lock

FROM ${PYTHON}
RUN groupadd --gid 10001 baocao
RUN useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin baocao
RUN install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/baocao
WORKDIR /opt/baocao
COPY --from=build /opt/venv /opt/venv
COPY alembic.ini .
COPY migrations migrations
COPY app app
COPY worker worker
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////var/lib/baocao/baocao.sqlite3
USER 10001:10001
EXPOSE 8000
# The API's. A worker listens on no port, so it runs with --no-healthcheck (in compose.yaml
# `healthcheck: disable: true`): one that is dead has ended, and the restart policy starts it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=3); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "uvicorn", "app.main:app", "--factory", "--host", "0.0.0.0", "--port", "8000"]
