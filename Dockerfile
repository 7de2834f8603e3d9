# One image for every part: `worker control`, `worker gpu`, the command line, and a Temporal dev server for a start.
# glibc, because Temporal's native core has no build for musl.
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
# git: the shared state. python3: the bundled task. bubblewrap: the sandbox of candidates, see docker-compose.yml. procps and util-linux: processes and locks.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap ca-certificates git procps python3 python3-pip python3-venv util-linux \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/bin ./bin
COPY --from=build /app/tasks ./tasks
RUN AUTORESEARCH_HOME=/opt/temporal node --input-type=module -e "\
  import { getTemporalBinary } from '/app/dist/src/services/temporal-binary.js'; \
  await getTemporalBinary({ say: console.error })" \
  && install -m 755 /opt/temporal/server/temporal-* /usr/local/bin/temporal \
  && rm -rf /opt/temporal \
  && ln -s /app/bin/autoresearch.js /usr/local/bin/autoresearch \
  && install -d -o node -g node -m 700 /state /server
ENV AUTORESEARCH_HOME=/state
USER node
ENTRYPOINT ["autoresearch"]
CMD ["--help"]
