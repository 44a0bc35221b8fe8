package io.sparseplan.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may know whom among the modules. */
final class ModuleArrowsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.sparseplan");

  @Test
  void modulesKnowOnlyThoseBelowThem() {
    assertThat(CLASSES.size()).isGreaterThan(100);
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("io.sparseplan..")
        .layer("plans")
        .definedBy("io.sparseplan.plans..")
        .layer("costmodel")
        .definedBy("io.sparseplan.costmodel..")
        .layer("profiler")
        .definedBy("io.sparseplan.profiler..")
        .layer("search")
        .definedBy("io.sparseplan.search..")
        .layer("gui-report")
        .definedBy("io.sparseplan.report..")
        .layer("cli")
        .definedBy("io.sparseplan.cli..")
        .whereLayer("plans")
        .mayNotAccessAnyLayer()
        .whereLayer("costmodel")
        .mayOnlyAccessLayers("plans")
        .whereLayer("profiler")
        .mayOnlyAccessLayers("plans")
        .whereLayer("search")
        .mayOnlyAccessLayers("plans", "costmodel")
        .whereLayer("gui-report")
        .mayOnlyAccessLayers("plans", "costmodel")
        .whereLayer("cli")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  @Test
  void noModuleHasPackagesThatKnowEachOtherInACircle() {
    for (String module : new String[] {"plans", "costmodel", "profiler", "search", "report"}) {
      slices()
          .matching("io.sparseplan." + module + ".(*)..")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }
}
