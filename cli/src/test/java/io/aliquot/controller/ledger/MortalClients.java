package io.aliquot.controller.ledger;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** Clients of a ledger that dies at a given call of its producer, as by kill -9: nothing is cleaned up behind it. */
final class MortalClients implements LedgerClients, AutoCloseable {
    private final LedgerClients real;
    private final CountDownLatch dead = new CountDownLatch(1);
    private Producer<String, byte[]> producer;
    private int callsLeft;

    /** Not caught by anything. */
    static final class Death extends Error {
        private static final long serialVersionUID = 1L;
    }

    MortalClients(LedgerClients real, int callsUntilDeath) {
        this.real = real;
        this.callsLeft = callsUntilDeath;
    }

    @Override
    public Consumer<String, byte[]> consumer() {
        return real.consumer();
    }

    @Override
    @SuppressWarnings("unchecked")
    public Producer<String, byte[]> producer() {
        producer = real.producer();
        return (Producer<String, byte[]>) Proxy.newProxyInstance(
                Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, (proxy, method, arguments) -> {
                    if (dead.getCount() == 0) {
                        return null; // the dead close nothing
                    }
                    if (callsLeft-- == 0) {
                        dead.countDown();
                        throw new Death();
                    }
                    try {
                        return method.invoke(producer, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    void awaitDeath() throws InterruptedException {
        if (!dead.await(60, java.util.concurrent.TimeUnit.SECONDS)) {
            throw new AssertionError("it lives on");
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
