package io.sparseplan.plans.format;

import static org.assertj.core.api.Assertions.assertThat;

import io.sparseplan.plans.file.JsonFile;
import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.SchemaVersion;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.HeadId;
import io.sparseplan.plans.model.HeadIndex;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.LayerIndex;
import io.sparseplan.plans.model.ModelDescription;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.model.SlidingLayers;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.plan.ImportedFrom;
import io.sparseplan.plans.plan.ImportedHead;
import io.sparseplan.plans.plan.ImportedPlan;
import io.sparseplan.plans.plan.Layout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/** A model of two layers, four query heads and two KV heads, and the plans of its tests. */
final class SmallModel {
  static final Run RUN = new Run("2026-01-01T00:00:00Z", "here", 1, 0, "import");

  private SmallModel() {}

  static ModelIdentity identity(SlidingLayers... sliding) {
    return new ModelIdentity(
        "small",
        "LlamaForCausalLM",
        Sha256.of("config"),
        Sha256.of("weights"),
        new LayerCount(2),
        new AttentionShape(new QueryHeads(4), new KvHeads(2), new HeadDim(4)),
        new Rope(10_000),
        List.of(sliding),
        HeadAxis.QUERY_HEAD);
  }

  /** Files by name and text, in turn. */
  static PeerSource source(String... namesAndTexts) {
    var parts = new LinkedHashMap<String, byte[]>();
    for (int at = 0; at < namesAndTexts.length; at += 2) {
      parts.put(namesAndTexts[at], namesAndTexts[at + 1].getBytes(StandardCharsets.UTF_8));
    }
    return new PeerSource(namesAndTexts[0], parts);
  }

  /** What an importer makes of a file, written to JSON and read again. */
  static ImportedPlan imported(String format, PeerSource source, ImportOptions options) {
    var from = (PlanFormat) Formats.named(format);
    ImportedPlan plan =
        PeerImport.plan(
            from.read(source, identity(), options),
            from.kept(source),
            new ModelDescription(identity(), List.of()),
            Optional.empty(),
            RUN);
    ImportedPlan again = JsonFile.mapper().readValue(JsonFile.pretty(plan), ImportedPlan.class);
    assertThat(again).isEqualTo(plan);
    return again;
  }

  /** A plan that no file of a peer was kept of: the eight heads in layer-major order. */
  static ImportedPlan plan(int tile, List<? extends Pattern> prefill, Pattern... decode) {
    return plan(identity(), tile, prefill, decode);
  }

  static ImportedPlan plan(
      ModelIdentity model, int tile, List<? extends Pattern> prefill, Pattern... decode) {
    var heads = new ArrayList<ImportedHead>();
    for (int place = 0; place < 8; place++) {
      HeadId id = new HeadId(new LayerIndex(place / 4), new HeadIndex(place % 4));
      heads.add(
          new ImportedHead(
              id.layer(),
              id.head(),
              prefill.get(place % prefill.size()),
              decode.length == 0 ? Optional.empty() : Optional.of(decode[place % decode.length]),
              "by hand"));
    }
    return new ImportedPlan(
        SchemaVersion.CURRENT,
        Tool.THIS,
        new ImportedFrom("by-hand", List.of(new ImportedFrom.Part("plan", Sha256.of(""), ""))),
        model,
        new Layout(Visibility.CAUSAL, new TileSize(tile), Layout.LengthMeans.PROMPT),
        List.of(),
        heads,
        RUN);
  }

  static Tokens tokens(int count) {
    return Tokens.of(count);
  }

  /** What the exporter writes says the same as the files. */
  static void assertComesBack(String format, PeerSource source, ImportedPlan plan) {
    assertThat(Formats.recognising(source))
        .as("whose file it looks like")
        .extracting(Format::name)
        .containsExactly(format);
    Exported exported = ((PlanFormat) Formats.named(format)).write(plan);
    List<byte[]> written = List.copyOf(exported.files().values());
    List<byte[]> read = List.copyOf(source.parts().values());
    assertThat(written).hasSameSizeAs(read);
    for (int part = 0; part < read.size(); part++) {
      assertThat(FileCheck.isEqual(read.get(part), written.get(part)))
          .as("%s became %s", new String(read.get(part)), new String(written.get(part)))
          .isTrue();
    }
  }
}
