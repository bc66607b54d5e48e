# ---- build: the programs with the Swift runtime and the C libraries inside ----
FROM swift:6.3-bookworm AS build
WORKDIR /src

# Packages and dependencies change less often than sources: layers of their own.
COPY scripts/packages.txt scripts/setup.sh scripts/
RUN scripts/setup.sh build && rm -rf /var/lib/apt/lists/*
COPY Package.swift Package.resolve[d] ./
RUN --mount=type=cache,target=/src/.build swift package resolve

# The manifest names the test targets too, so their folders must be there.
COPY scripts/release.sh scripts/
COPY Sources Sources
COPY Tests Tests
RUN --mount=type=cache,target=/src/.build folder="$(scripts/release.sh)" \
 && install -D --strip --target-directory /out/usr/local/bin "$folder/newsrpc-server" "$folder/newsrpc-cli"

# ---- run: Debian's C library, the zones, the authorities, the two programs ----
FROM debian:bookworm-slim AS run
RUN --mount=type=bind,source=scripts,target=/scripts \
    /scripts/setup.sh run && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log \
 && groupadd --gid 10001 newsrpc \
 && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin newsrpc \
 && install --directory --owner newsrpc --group newsrpc --mode 0750 /data
COPY --from=build /out/ /

# A named volume mounted on /data takes over its owner.
USER 10001:10001
WORKDIR /data
EXPOSE 50051
STOPSIGNAL SIGTERM
# Of a server with TLS: set NEWSRPC_SERVER_NAME to a name in its certificate, NEWSRPC_CACERT to its authority unless that
# is a public one, NEWSRPC_CERT and NEWSRPC_KEY if it asks for certificates. With --no-anonymous: NEWSRPC_TOKEN.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["newsrpc-cli", "ping"]
ENTRYPOINT ["newsrpc-server"]
# On the container's own loopback. To publish it: --listen 0.0.0.0:50051 with TLS and --tokens, or --insecure-listen.
CMD ["--data", "/data"]
