# Controller, proxy and CLI in one image: `docker run … controller`, `docker run … proxy …`. The official Node image carries the
# libraries that Node needs; nothing is written at run time, so the root file system may be read-only.
FROM node:26-bookworm-slim AS build
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npx tsc -p tsconfig.build.json

FROM node:26-bookworm-slim AS dependencies
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional

FROM node:26-bookworm-slim
LABEL org.opencontainers.image.title="Sluice" \
      org.opencontainers.image.description="Progressive delivery with its own routing proxy" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production
WORKDIR /sluice
COPY --from=dependencies /sluice/node_modules ./node_modules
COPY --from=build /sluice/dist ./dist
COPY package.json LICENSE ./
COPY bin ./bin
COPY deploy/crds ./deploy/crds
USER 10001:10001
EXPOSE 8080 15000
# The proxy answers on its admin port, the controller on its own.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "Promise.any([15000, 8080].map((port) => fetch(`http://127.0.0.1:${port}/healthz`).then((r) => r.ok || Promise.reject()))).catch(() => process.exit(1))"]
ENTRYPOINT ["node", "bin/sluice.cjs"]
CMD ["help"]
