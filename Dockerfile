FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/studyhall
COPY requirements.lock .
RUN /opt/studyhall/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN /opt/studyhall/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
# Pictures need it to draw names that read from right to left.
RUN apt-get update && apt-get install --yes --no-install-recommends libfribidi0 \
  && rm -rf /var/lib/apt/lists/*
ARG UID=1000
COPY --from=build /opt/studyhall /opt/studyhall
RUN install -d -o ${UID} -g ${UID} /data
ENV PATH=/opt/studyhall/bin:$PATH \
    HOME=/data \
    PYTHONUNBUFFERED=1 \
    STUDYHALL_CACHE=/data/cache \
    STUDYHALL_DATABASE_URL=sqlite:////data/studyhall.db \
    STUDYHALL_OPS_PORT=9464
VOLUME /data
USER ${UID}
STOPSIGNAL SIGTERM
# Asks the running bot: no tool but Python is needed.
HEALTHCHECK --interval=60s --timeout=15s --start-period=60s --retries=3 \
  CMD ["studyhall", "health", "--running"]
ENTRYPOINT ["studyhall"]
CMD ["run"]
