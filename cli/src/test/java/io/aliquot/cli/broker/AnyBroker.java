package io.aliquot.cli.broker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/** A test that takes its broker from {@link TestBroker}: the build runs it again with one in a container. */
@Tag("any-broker")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(AnyBroker.Engine.class)
public @interface AnyBroker {
    /** Leaves the run with containers out where no Docker engine answers. */
    final class Engine implements ExecutionCondition {
        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return !TestBroker.inContainer() || DockerClientFactory.instance().isDockerAvailable()
                    ? ConditionEvaluationResult.enabled("there is a broker")
                    : ConditionEvaluationResult.disabled("skipped: no Docker engine");
        }
    }
}
