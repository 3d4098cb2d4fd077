package io.aliquot.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.aliquot.schema.ServiceClass;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Who may import whom. A package that a rule names and that holds no class fails the rule, too. */
class ArchitectureTest {
    private static final String AGENT = "io.aliquot.agent.";
    private static final String CONTROLLER = "io.aliquot.controller.";

    /** What travels: only the packages at the bus see it. */
    private static final String[] BUS = {"io.aliquot.schema.v1..", "com.google.protobuf..", "org.apache.kafka.."};

    private static final String[] AT_THE_BUS = {
        AGENT + "link..",
        CONTROLLER + "ingest..",
        CONTROLLER + "publish..",
        CONTROLLER + "ledger..",
        CONTROLLER + "keeper..",
        CONTROLLER + "recording.."
    };

    /** Each package below app, and the packages of its own program that it may import. */
    private static final Map<String, List<String>> AGENT_MAY_IMPORT = Map.of(
            "model", List.of(),
            "nvml", List.of("model"),
            "node", List.of("model"),
            "metering", List.of("model"),
            "guard", List.of("model"),
            "link", List.of("model"),
            "api", List.of("model"));

    private static final Map<String, List<String>> CONTROLLER_MAY_IMPORT = Map.ofEntries(
            entry("fairshare"),
            entry("placement"),
            entry("division", "fairshare", "placement"),
            entry("state", "fairshare", "division"),
            entry("decide", "fairshare", "division", "state"),
            entry("policyfile", "fairshare", "state"),
            entry("ingest", "fairshare", "state"),
            entry("account", "state"),
            entry("publish", "fairshare", "state", "decide"),
            entry("lease"),
            entry("keeper", "state", "lease", "ingest"),
            entry("ledger", "fairshare", "state", "account", "lease"),
            entry("replay", "fairshare", "division", "state", "decide", "policyfile", "publish"),
            entry("recording", "fairshare", "state", "decide", "ingest", "replay"),
            entry("api", "fairshare", "division", "state", "policyfile", "account"));

    /** What decides shares: it can be replayed. */
    private static final String[] PURE = {
        CONTROLLER + "fairshare..",
        CONTROLLER + "placement..",
        CONTROLLER + "division..",
        CONTROLLER + "state..",
        CONTROLLER + "decide.."
    };

    private static Map.Entry<String, List<String>> entry(String name, String... mayImport) {
        return Map.entry(name, List.of(mayImport));
    }

    private static JavaClasses aliquot;

    @BeforeAll
    static void readClasses() {
        aliquot = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.aliquot");
    }

    @TestFactory
    Stream<DynamicTest> agentPackagesImportOnlyWhatTheyMay() {
        return importsWithin(AGENT, AGENT_MAY_IMPORT);
    }

    @TestFactory
    Stream<DynamicTest> controllerPackagesImportOnlyWhatTheyMay() {
        return importsWithin(CONTROLLER, CONTROLLER_MAY_IMPORT);
    }

    @Test
    void programsDoNotImportEachOther() {
        check(noClasses()
                .that()
                .resideInAPackage(AGENT + ".")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CONTROLLER + ".", "io.aliquot.cli.."));
        check(noClasses()
                .that()
                .resideInAPackage(CONTROLLER + ".")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(AGENT + ".", "io.aliquot.cli.."));
        check(noClasses()
                .that()
                .resideInAPackage("io.aliquot.schema..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(AGENT + ".", CONTROLLER + ".", "io.aliquot.cli.."));
    }

    @Test
    void everyPackageOfAProgramHasARule() {
        check(classes()
                .that()
                .resideInAPackage(AGENT + ".")
                .should()
                .resideInAnyPackage(packages(AGENT, AGENT_MAY_IMPORT)));
        check(classes()
                .that()
                .resideInAPackage(CONTROLLER + ".")
                .should()
                .resideInAnyPackage(packages(CONTROLLER, CONTROLLER_MAY_IMPORT)));
    }

    @Test
    void whatDecidesWhoIsActiveIsPure() {
        isPure(CONTROLLER + "lease..", "java.time..");
    }

    @TestFactory
    Stream<DynamicTest> whatDecidesSharesIsPure() {
        return Stream.of(PURE).map(pure -> dynamicTest(pure, () -> isPure(pure)));
    }

    @Test
    void whatKeepsAccountsIsPure() {
        isPure(CONTROLLER + "account..", "java.math..", CONTROLLER + "state..");
    }

    private static void isPure(String pure, String... also) {
        check(classes()
                .that()
                .resideInAPackage(pure)
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage("java.lang..", "java.math..", "java.util..", "org.jspecify..", pure)
                                .or(resideInAnyPackage(PURE))
                                .or(resideInAnyPackage(also))
                                .or(belongToAnyOf(ServiceClass.class))));
        check(noClasses()
                .that()
                .resideInAPackage(pure)
                .should()
                .dependOnClassesThat(resideInAnyPackage("java.util.logging..", "java.util.concurrent..")
                        .or(belongToAnyOf(Clock.class, Thread.class, ProcessHandle.class))
                        .or(assignableTo(RandomGenerator.class)))
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "getenv", String.class)
                .orShould()
                .callMethod(System.class, "getProperty", String.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(UUID.class, "randomUUID"));
    }

    @Test
    void protobufAndKafkaStayAtTheBus() {
        check(noClasses()
                .that()
                .resideInAnyPackage(AGENT + ".", CONTROLLER + ".")
                .and()
                .resideOutsideOfPackages(AT_THE_BUS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BUS));
    }

    @Test
    void vertxStaysInApiAndApp() {
        check(noClasses()
                .that()
                .resideInAnyPackage(AGENT + ".", CONTROLLER + ".")
                .and()
                .resideOutsideOfPackages(AGENT + "api..", AGENT + "app..", CONTROLLER + "api..", CONTROLLER + "app..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx.."));
    }

    @Test
    void foreignCodeStaysInNvmlAndNode() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(AGENT + "nvml..", AGENT + "node..", "io.aliquot.schema.v1..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign.."));
    }

    private static Stream<DynamicTest> importsWithin(String program, Map<String, List<String>> mayImport) {
        return mayImport.entrySet().stream().map(rule -> {
            String[] allowed = Stream.concat(Stream.of(rule.getKey()), rule.getValue().stream())
                    .map(name -> program + name + "..")
                    .toArray(String[]::new);
            return dynamicTest(
                    rule.getKey(),
                    () -> check(noClasses()
                            .that()
                            .resideInAPackage(program + rule.getKey() + "..")
                            .should()
                            .dependOnClassesThat(
                                    resideInAPackage(program + ".").and(not(resideInAnyPackage(allowed))))));
        });
    }

    private static String[] packages(String program, Map<String, List<String>> mayImport) {
        return Stream.concat(mayImport.keySet().stream(), Stream.of("app"))
                .map(name -> program + name + "..")
                .toArray(String[]::new);
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(false).check(aliquot);
    }
}
