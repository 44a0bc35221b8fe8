package io.sparseplan.report.text;

import io.sparseplan.costmodel.PlanPricer;
import io.sparseplan.costmodel.PlanTime;
import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.evaluation.Measured;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.pattern.FixedPattern;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedHead;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Prediction.DenseTime;
import io.sparseplan.report.ImportedInput;
import io.sparseplan.report.view.Basis;
import io.sparseplan.report.view.NumberText;
import io.sparseplan.report.view.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What is known of a plan that was imported: what its heads run, how much of attention that is, its
 * time and loss where they can be told, and what else would have to be run to know more.
 */
public final class ImportedReport {
  private final ImportedInput input;
  private final ImportedPlan plan;
  private final ReportText text;

  private ImportedReport(ImportedInput input, ReportText text) {
    this.input = input;
    this.plan = input.plan();
    this.text = text;
  }

  /** As a page without scripts. */
  public static String html(ImportedInput input) {
    var text = new HtmlReport();
    new ImportedReport(input, text).write();
    return text.html(headline(input.plan()));
  }

  /** As a comment on a change. */
  public static String markdown(ImportedInput input) {
    var text = new Markdown();
    text.heading(2, headline(input.plan()));
    new ImportedReport(input, text).write();
    return text.toString();
  }

  /** For a terminal. */
  public static String terminal(ImportedInput input) {
    var text = new TerminalText();
    text.paragraph(headline(input.plan()));
    new ImportedReport(input, text).write();
    return text.toString();
  }

  private static String headline(ImportedPlan plan) {
    return "%s: a plan imported from %s".formatted(plan.model().name(), plan.imported().format());
  }

  private void write() {
    origin();
    patterns();
    layers();
    times();
    losses();
    measured();
    text.section("Warnings");
    text.list(plan.warnings().isEmpty() ? List.of("none") : plan.warnings());
    heads();
    text.section("What is not known, and what tells it");
    text.list(unknown());
  }

  private void origin() {
    text.section("Origin");
    text.paragraph(
        "A peer's file says what every head runs. It has no goal, no prediction and no bound.");
    text.table(
        new Table(
            columns("file", "SHA-256"),
            plan.imported().parts().stream()
                .map((ImportedFrom.Part part) -> List.of(part.name(), part.sha256().toString()))
                .toList()));
    text.paragraph(
        "%d layers of %d query heads on %d key-value heads; %s, in tiles of %d tokens."
            .formatted(
                plan.model().layers().count(),
                plan.model().attention().queryHeads().count(),
                plan.model().attention().kvHeads().count(),
                plan.layout().tokens().text(),
                plan.layout().tile().tokens()));
  }

  private static List<Table.Column> columns(String... names) {
    return List.of(names).stream().map(name -> new Table.Column(name, Basis.GIVEN)).toList();
  }

  private Map<Pattern, Long> headsOfPattern(List<ImportedHead> heads) {
    return heads.stream()
        .collect(
            Collectors.groupingBy(
                ImportedHead::prefill, LinkedHashMap::new, Collectors.counting()));
  }

  private void patterns() {
    text.section("Patterns");
    var columns = new ArrayList<>(columns("pattern", "heads"));
    boolean counted =
        input.patternOfHead().stream().allMatch(pattern -> pattern instanceof FixedPattern);
    for (Tokens length : input.lengths()) {
      columns.add(
          new Table.Column(
              "density at %s".formatted(NumberText.count(length.count())),
              counted ? Basis.COUNTED : Basis.ESTIMATED));
    }
    var rows = new ArrayList<List<String>>();
    headsOfPattern(plan.heads())
        .forEach(
            (pattern, heads) -> {
              var row = new ArrayList<>(List.of(pattern.label(), NumberText.count(heads)));
              input.lengths().forEach(length -> row.add(ratio(input.density(pattern, length))));
              rows.add(row);
            });
    text.table(new Table(columns, rows));
  }

  private static String ratio(OptionalDouble value) {
    return value.isEmpty()
        ? Table.NOTHING
        : String.format(Locale.ROOT, "%.3f", value.getAsDouble());
  }

  private void layers() {
    text.section("Layers");
    int headsOfLayer = plan.model().attention().queryHeads().count();
    var rows = new ArrayList<List<String>>();
    for (int layer = 0; layer < plan.model().layers().count(); layer++) {
      rows.add(
          List.of(
              "L" + layer,
              headsOfPattern(plan.heads().subList(layer * headsOfLayer, (layer + 1) * headsOfLayer))
                  .entrySet()
                  .stream()
                  .map(entry -> "%d × %s".formatted(entry.getValue(), entry.getKey().label()))
                  .collect(Collectors.joining(", "))));
    }
    text.table(new Table(columns("layer", "heads"), rows));
  }

  private void times() {
    text.section("Time");
    PlanTime time;
    try {
      time =
          new PlanPricer(
                  input.device().table(),
                  input.device().runtime(),
                  plan.model(),
                  plan.layout(),
                  input.patternOfHead(),
                  input.selectedTiles())
              .of(input.workload());
    } catch (BadInputException e) {
      text.paragraph("Not known. " + e.getMessage().replace('\n', ' '));
      return;
    }
    text.paragraph(
        "Attention of all layers on %s, %d prompts at a time."
            .formatted(input.device().table().name(), input.workload().batch()));
    var rows = new ArrayList<List<String>>();
    for (int n = 0; n < input.lengths().size(); n++) {
      for (DenseTime dense : time.dense(n)) {
        rows.add(
            List.of(
                NumberText.count(input.lengths().get(n).count()),
                String.format(Locale.ROOT, "%.4f ms", time.millis(n)),
                dense.kernel(),
                String.format(Locale.ROOT, "%.4f ms", dense.millis()),
                String.format(Locale.ROOT, "%.3f", time.millis(n) / dense.millis())));
      }
    }
    text.table(
        new Table(
            List.of(
                new Table.Column("length", Basis.GIVEN),
                new Table.Column("plan", Basis.ESTIMATED),
                new Table.Column("dense kernel", Basis.GIVEN),
                new Table.Column("dense", Basis.ESTIMATED),
                new Table.Column("ratio", Basis.ESTIMATED)),
            rows));
    if (!time.warnings().isEmpty()) {
      text.list(time.warnings());
    }
  }

  private void losses() {
    text.section("Predicted loss");
    if (input.profile().isEmpty()
        || input.lengths().stream().allMatch(length -> input.loss(length).isEmpty())) {
      text.paragraph(
          "Not known: no profile of these lengths and tiles has scored all patterns of the plan.");
      return;
    }
    text.table(
        new Table(
            List.of(
                new Table.Column("length", Basis.GIVEN),
                new Table.Column(
                    "loss, " + input.statistic().orElseThrow().name().toLowerCase(Locale.ROOT),
                    Basis.ESTIMATED)),
            input.lengths().stream()
                .map(
                    length ->
                        List.of(
                            NumberText.count(length.count()),
                            input.loss(length).isEmpty()
                                ? Table.NOTHING
                                : String.format(
                                    Locale.ROOT, "%.4g", input.loss(length).getAsDouble())))
                .toList()));
  }

  private void measured() {
    text.section("Measured");
    if (input.evaluation().isEmpty()) {
      text.paragraph("Not measured.");
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(row("dense", input.evaluation().get().dense()));
    input.evaluation().get().plan().ifPresent(measured -> rows.add(row("plan", measured)));
    text.table(
        new Table(
            List.of(
                new Table.Column("model", Basis.GIVEN),
                new Table.Column("loss, nats", Basis.MEASURED),
                new Table.Column("KL(dense‖·), nats a token", Basis.MEASURED),
                new Table.Column("exact answers", Basis.MEASURED)),
            rows));
    text.paragraph(
        "On %d prompts.".formatted(input.evaluation().get().promptSet().members().size()));
  }

  private static List<String> row(String name, Measured measured) {
    return List.of(
        name,
        String.format(Locale.ROOT, "%.6f", measured.loss()),
        String.format(Locale.ROOT, "%.6f", measured.kl()),
        measured.answers() == 0
            ? Table.NOTHING
            : "%d of %d".formatted(measured.answersRight(), measured.answers()));
  }

  private void heads() {
    text.section("Heads");
    List<ImportedHead> shown =
        plan.heads().subList(0, Math.min(text.mostHeads(), plan.heads().size()));
    text.table(
        new Table(
            columns("head", "prompt", "decoding", "what the file says"),
            shown.stream()
                .map(
                    head ->
                        List.of(
                            head.id().toString(),
                            head.prefill().label(),
                            head.decode().map(Pattern::label).orElse("the same"),
                            head.why()))
                .toList()));
    if (shown.size() < plan.heads().size()) {
      text.paragraph("And %d more.".formatted(plan.heads().size() - shown.size()));
    }
  }

  private List<String> unknown() {
    var unknown = new ArrayList<String>();
    if (input.evaluation().isEmpty()) {
      unknown.add(
          "What it loses, measured: sparseplan evaluate MODEL --plan PLAN -o FILE, then report"
              + " --evaluation FILE.");
    }
    if (input.lengths().stream().anyMatch(length -> input.loss(length).isEmpty())) {
      unknown.add(
          "What it is predicted to lose: sparseplan profile MODEL --patterns-of PLAN -o FILE, then"
              + " report --profile FILE.");
    }
    unknown.add(
        "Its time elsewhere: sparseplan price PLAN --length N --batch B --device NAME --target"
            + " NAME.");
    unknown.add(
        "How far it is from the best: sparseplan search PROFILE --from PLAN, which finds one that"
            + " is no worse, and proves a bound.");
    return unknown;
  }
}
