# Holdfast in a container: docker build -t holdfast . && docker run --rm -it holdfast start   (the sandbox)
# For real use with Postgres and Redis: docker-compose.yml.

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY bin bin
COPY src src
COPY commands commands
COPY jobs jobs
# Compiles to dist/, too (the script "prepare").
RUN npm ci --omit=dev

FROM node:22-slim
# The system's ssh, for what the built-in client cannot do: FIDO keys, ProxyCommand. ipmitool, for the power of hosts.
RUN apt-get update \
 && apt-get install -y --no-install-recommends openssh-client ipmitool ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /var/lib/holdfast --shell /usr/sbin/nologin holdfast \
 && install -d -o holdfast -g holdfast -m 0700 /var/lib/holdfast /var/lib/holdfast/data /var/lib/holdfast/.ssh
WORKDIR /app
# Without tsconfig.build.json it is an installed copy: it never compiles, and writes nothing here.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/src src
COPY --from=build /app/bin bin
ENV NODE_ENV=production HOLDFAST_DATA=/var/lib/holdfast/data
USER holdfast
VOLUME /var/lib/holdfast/data
# Whether the process answers on its control socket. "holdfast doctor" asks every host: for people, not for every 30 s.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["node", "-e", "require('node:net').connect(process.env.HOLDFAST_DATA + '/control.sock').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/app/bin/holdfast.mjs"]
CMD ["start", "--config", "/etc/holdfast/holdfast.yaml"]
