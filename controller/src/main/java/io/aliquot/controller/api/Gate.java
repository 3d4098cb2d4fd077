package io.aliquot.controller.api;

import io.aliquot.schema.http.Tokens;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Lets nobody past whose token is not known, where tokens are in force, and notes who it is. */
final class Gate implements Handler<RoutingContext> {
    private static final String ASKER = "asker";

    private final Optional<Tokens> tokens;

    Gate(Optional<Tokens> tokens) {
        this.tokens = tokens;
    }

    /** Who sends the request; for pages behind the gate. */
    static Asker asker(RoutingContext ctx) {
        Asker asker = ctx.get(ASKER);
        if (asker == null) {
            throw new IllegalStateException(ctx.normalizedPath() + " is not behind the gate");
        }
        return asker;
    }

    @Override
    public void handle(RoutingContext ctx) {
        if (tokens.isEmpty()) {
            ctx.put(ASKER, Asker.local(ctx.request().remoteAddress().hostAddress()));
            ctx.next();
            return;
        }
        switch (tokens.get().judge(ctx.request().getHeader("Authorization"))) {
            case Tokens.Known(var caller) -> {
                ctx.put(ASKER, Asker.of(caller));
                ctx.next();
            }
            case Tokens.Refused(String error, String fix, String challenge) -> {
                ctx.response().putHeader("WWW-Authenticate", challenge);
                throw new ApiError(401, error, fix);
            }
        }
    }
}
