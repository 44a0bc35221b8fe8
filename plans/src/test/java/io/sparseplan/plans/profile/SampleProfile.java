package io.sparseplan.plans.profile;

import io.sparseplan.plans.file.Run;
import io.sparseplan.plans.file.Sha256;
import io.sparseplan.plans.file.Tool;
import io.sparseplan.plans.geometry.TileSize;
import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.model.AttentionShape;
import io.sparseplan.plans.model.HeadAxis;
import io.sparseplan.plans.model.HeadDim;
import io.sparseplan.plans.model.KvHeads;
import io.sparseplan.plans.model.LayerCount;
import io.sparseplan.plans.model.ModelIdentity;
import io.sparseplan.plans.model.QueryHeads;
import io.sparseplan.plans.model.Rope;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SelectedPattern;
import io.sparseplan.plans.pattern.VerticalSlash;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** A profile of random statistics, of the shapes that real ones have. */
record SampleProfile(LayerCount layers, QueryHeads heads, int candidateCount) {
  static final Run RUN = new Run("2026-11-22T10:15:30Z", "host-1", 2, 93_400, "profile m");

  static final SampleProfile SMALL = new SampleProfile(new LayerCount(2), new QueryHeads(3), 4);

  ModelIdentity model() {
    return new ModelIdentity(
        "sample",
        "LlamaForCausalLM",
        Sha256.of("config"),
        Sha256.of("weights"),
        layers,
        new AttentionShape(heads, new KvHeads(1), new HeadDim(64)),
        new Rope(10_000),
        HeadAxis.QUERY_HEAD);
  }

  List<Pattern> candidates() {
    var candidates = new ArrayList<Pattern>();
    candidates.add(new Dense());
    int selecting = candidateCount == 1 ? 0 : Math.max(1, candidateCount / 6);
    for (int nth = 0; nth < selecting; nth++) {
      candidates.add(new VerticalSlash(30, 100 + nth));
    }
    for (int tiles = 1; candidates.size() < candidateCount; tiles++) {
      candidates.add(new ElasticSpan(Tokens.of(128), Tokens.of(128 * tiles), 0));
    }
    return candidates;
  }

  /** The prompts of these numbers, each of as many tokens as its number says tiles of 128. */
  Profile of(int... prompts) {
    var records = new ArrayList<PromptStatistics>();
    for (int prompt : prompts) {
      records.add(prompt(prompt, Tokens.of(128 * prompt)));
    }
    return of(records);
  }

  Profile of(List<PromptStatistics> records) {
    return of(candidates(), records);
  }

  /** Of other candidates. */
  Profile of(List<Pattern> candidates, List<PromptStatistics> records) {
    return new Profile(
        ProfileSchemaVersion.CURRENT,
        Tool.THIS,
        model(),
        Arithmetic.FLOAT32,
        TokenLayout.causal(TileSize.DEFAULT),
        PromptSet.of(
            records.stream()
                .map(record -> new PromptSet.Member(record.prompt(), record.length()))
                .toList()),
        Objective.MARGIN,
        candidates,
        records,
        Optional.of(induction()),
        RUN);
  }

  private InductionScores induction() {
    var random = new SplittableRandom(7);
    List<Float> echo =
        Stream.generate(() -> (float) random.nextDouble()).limit(model().headCount()).toList();
    return new InductionScores(500, 4, echo, echo.reversed());
  }

  PromptStatistics prompt(int number, Tokens length) {
    var random = new SplittableRandom(number);
    var statistics = new ArrayList<HeadStatistics>();
    for (int head = 0; head < layers.count() * heads.count(); head++) {
      statistics.add(head(random, TileSize.DEFAULT.tilesCovering(length.count())));
    }
    return new PromptStatistics(
        Sha256.of("prompt " + number),
        length,
        number,
        statistics,
        Optional.of(traits(number, statistics.size(), length)));
  }

  private static PromptTraits traits(int needleTokens, int heads, Tokens length) {
    var random = new SplittableRandom(needleTokens);
    int side = Math.min(KeptTiles.MAX_SIDE, TileSize.DEFAULT.tilesCovering(length.count()));
    var traits = new ArrayList<HeadTraits>();
    for (int head = 0; head < heads; head++) {
      KeptTiles kept = KeptTiles.none(side);
      for (int tile = 0; tile < side; tile++) {
        kept.keep(tile, random.nextInt(tile + 1));
      }
      traits.add(
          new HeadTraits(
              random.nextInt(needleTokens + 1),
              new VerticalSlashShape(
                  1 + random.nextInt(100), 1 + random.nextInt(100), 1 + random.nextInt(9)),
              new AntidiagonalEstimate(0.25f, 0.5f, 0.75f),
              shares(random, 64),
              kept));
    }
    return new PromptTraits(needleTokens, traits);
  }

  private HeadStatistics head(SplittableRandom random, int tiles) {
    int side = Math.min(HeadStatistics.MAX_BLOCK_MASS_SIDE, tiles);
    byte[] map = new byte[side * side];
    random.nextBytes(map);
    return new HeadStatistics(
        shares(random, candidateCount),
        shares(random, candidateCount),
        shares(random, candidateCount),
        new FirstOrderLoss(
            shares(random, candidateCount),
            shares(random, candidateCount),
            shares(random, candidateCount)),
        shares(random, Integer.SIZE - Integer.numberOfLeadingZeros(tiles - 1) + 1),
        (float) random.nextDouble(),
        (float) random.nextDouble(10),
        map,
        new InfluenceMap((float) random.nextDouble(), map),
        shares(random, candidateCount),
        visited(random, tiles));
  }

  private VisitedTiles visited(SplittableRandom random, int tiles) {
    long selected = candidates().stream().filter(SelectedPattern.class::isInstance).count();
    short[] counts = new short[(int) selected * tiles];
    for (int at = 0; at < counts.length; at++) {
      counts[at] = (short) random.nextInt(1, at % tiles + 2);
    }
    return new VisitedTiles(counts);
  }

  private static float[] shares(SplittableRandom random, int count) {
    float[] shares = new float[count];
    for (int i = 0; i < count; i++) {
      shares[i] = (float) random.nextDouble();
    }
    return shares;
  }
}
