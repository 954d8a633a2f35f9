package dev.fovea;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import java.util.TreeSet;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The arrows between packages. */
@AnalyzeClasses(packages = "dev.fovea", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("dev.fovea.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noCyclesAmongModels =
            slices().matching("dev.fovea.models.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule arrows = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("tensor")
            .definedBy("dev.fovea.tensor..")
            .layer("kernel")
            .definedBy("dev.fovea.kernel..")
            .layer("nn")
            .definedBy("dev.fovea.nn..")
            .layer("config")
            .definedBy("dev.fovea.config..")
            .layer("image")
            .definedBy("dev.fovea.image..")
            .layer("text")
            .definedBy("dev.fovea.text..")
            .layer("data")
            .definedBy("dev.fovea.data..")
            .layer("checkpoint")
            .definedBy("dev.fovea.checkpoint..")
            .layer("optim")
            .definedBy("dev.fovea.optim..")
            .layer("eval")
            .definedBy("dev.fovea.eval..")
            .layer("train")
            .definedBy("dev.fovea.train..")
            .layer("generate")
            .definedBy("dev.fovea.generate..")
            .layer("report")
            .definedBy("dev.fovea.report..")
            .layer("models")
            .definedBy("dev.fovea.models..")
            .layer("verify")
            .definedBy("dev.fovea.verify..")
            .whereLayer("verify")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("models")
            .mayOnlyBeAccessedByLayers("verify")
            .whereLayer("report")
            .mayOnlyBeAccessedByLayers("models")
            .whereLayer("train")
            .mayOnlyBeAccessedByLayers("report", "models", "verify")
            .whereLayer("eval")
            .mayOnlyBeAccessedByLayers("train", "report", "models", "verify")
            .whereLayer("generate")
            .mayOnlyBeAccessedByLayers("models", "verify")
            .whereLayer("optim")
            .mayOnlyBeAccessedByLayers("train", "models", "verify")
            .whereLayer("data")
            .mayOnlyBeAccessedByLayers("train", "eval", "report", "models", "verify");

    @ArchTest
    static final ArchRule nativePointersStayBelow = noClasses()
            .that()
            .resideOutsideOfPackages("dev.fovea.tensor..", "dev.fovea.checkpoint..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.bytedeco.javacpp.PointerScope");

    @ArchTest
    static final ArchRule leftOfTheFirstTensorIsPlainJava = noClasses()
            .that()
            .resideInAnyPackage("dev.fovea.image..", "dev.fovea.text..", "dev.fovea.data..", "dev.fovea.config..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "dev.fovea.tensor..");

    @ArchTest
    static final ArchRule kernelsKnowNoEngine = noClasses()
            .that()
            .resideInAPackage("dev.fovea.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "dev.fovea.tensor..", "dev.fovea.nn..");

    @ArchTest
    static final ArchRule standardOutputIsForResults = noClasses()
            .should()
            .accessField(System.class, "out")
            .because("only the command line prints results; progress and logs go to standard error");

    @Test
    void everyPackageIsNullMarked() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.fovea");
        var unmarked = new TreeSet<String>();
        for (var c : classes) {
            if (!c.getPackage().isAnnotatedWith(NullMarked.class)) {
                unmarked.add(c.getPackageName());
            }
        }
        assertThat(classes).isNotEmpty();
        assertThat(unmarked).isEmpty();
    }
}
