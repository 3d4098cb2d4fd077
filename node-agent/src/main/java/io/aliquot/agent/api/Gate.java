package io.aliquot.agent.api;

import io.aliquot.schema.http.TokenRole;
import io.aliquot.schema.http.Tokens;
import io.vertx.core.Handler;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Lets viewers and operators past: what a node has concerns all its tenants. */
final class Gate implements Handler<RoutingContext> {
    private final Tokens tokens;

    Gate(Tokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public void handle(RoutingContext context) {
        switch (tokens.judge(context.request().getHeader("Authorization"))) {
            case Tokens.Known(var caller) -> {
                if (caller.role() == TokenRole.TENANT) {
                    refuse(
                            context,
                            403,
                            "this needs role viewer or operator; this is token " + caller,
                            "ask the controller, which shows each tenant its own");
                } else {
                    context.next();
                }
            }
            case Tokens.Refused(String error, String fix, String challenge) -> {
                context.response().putHeader("WWW-Authenticate", challenge);
                refuse(context, 401, error, fix);
            }
        }
    }

    private static void refuse(RoutingContext context, int status, String error, String fix) {
        HttpApi.json(context, status, new JsonObject().put("error", error).put("fix", fix));
    }
}
