package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.ClusterTopP;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.SampledBand;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The flags of Sparse VideoGen's scripts: {@code --pattern SVG}, bands chosen in each step, and
 * {@code --pattern SAP}, the clusters of its second version. The share of layers and of steps at
 * the start that stay dense is rounded down to whole ones, as in its code.
 *
 * <p>What it calls sparsity is the share of all pairs that a band keeps.
 */
final class SvgFormat implements ScriptFormat {
  private static final String DENSE_LAYERS = "--first_layers_fp";
  private static final String DENSE_STEPS = "--first_times_fp";
  private static final String DENSITY = "--sparsity";
  private static final String SAMPLED_ROWS = "--num_sampled_rows";
  private static final String FIRST_ROWS = "--sample_mse_max_row";
  private static final String QUERY_CLUSTERS = "--num_q_centroids";
  private static final String KEY_CLUSTERS = "--num_k_centroids";
  private static final String COVERAGE = "--top_p_kmeans";
  private static final String LEAST_SHARE = "--min_kc_ratio";
  private static final String FIRST_ROUNDS = "--kmeans_iter_init";
  private static final String LATER_ROUNDS = "--kmeans_iter_step";
  private static final String FROM_STEP_ZERO = "--zero_step_kmeans_init";
  private static final Set<String> OF_ALL = Set.of(PATTERN, ALL_STEPS, DENSE_LAYERS, DENSE_STEPS);
  private static final Set<String> OF_BANDS = Set.of(DENSITY, SAMPLED_ROWS, FIRST_ROWS);
  private static final Set<String> OF_CLUSTERS =
      Set.of(
          QUERY_CLUSTERS,
          KEY_CLUSTERS,
          COVERAGE,
          LEAST_SHARE,
          FIRST_ROUNDS,
          LATER_ROUNDS,
          FROM_STEP_ZERO);
  private static final int MOST = 1 << 20;

  /** Its scripts draw anew in each run; a plan says what was drawn. */
  private static final long FIXED_SEED = 0;

  private static final String SVG = "SVG";
  private static final String SAP = "SAP";

  @Override
  public String name() {
    return "svg";
  }

  @Override
  public String system() {
    return "Sparse VideoGen 1 and 2";
  }

  @Override
  public String file() {
    return "command line of its script: python wan_t2v_inference.py --pattern SVG --sparsity …";
  }

  @Override
  public String ownFlag() {
    return DENSE_LAYERS;
  }

  @Override
  public VideoHeads read(PeerSource source, VideoTarget target) {
    ScriptFlags flags = ScriptFlags.parse(source);
    Pattern pattern = pattern(flags);
    int layers = target.layers().count();
    boolean sparse = !pattern.equals(new Dense());
    int denseLayers = sparse ? share(flags.number(DENSE_LAYERS, 0, 1), layers) : layers;
    double denseSteps = sparse ? flags.number(DENSE_STEPS, 0, 1) : 0;
    int steps = ScriptFormat.steps(flags, denseSteps > 0);
    return new SparseLayers(
            denseLayers,
            SparseLayers.steps(steps, share(denseSteps, steps)),
            Collections.nCopies(layers - denseLayers, pattern))
        .heads(target);
  }

  /** ⌊share · count⌋, as its scripts have it. */
  private static int share(double share, int count) {
    return (int) Math.floor(share * count);
  }

  private static Pattern pattern(ScriptFlags flags) {
    var known = new LinkedHashSet<>(OF_ALL);
    return switch (flags.text(PATTERN)) {
      case "dense" -> {
        flags.requireOnly(OF_ALL);
        yield new Dense();
      }
      case SVG -> {
        known.addAll(OF_BANDS);
        flags.requireOnly(known);
        yield new SampledBand(
            flags.number(DENSITY, Double.MIN_NORMAL, 1),
            flags.integer(SAMPLED_ROWS, 1, MOST),
            flags.integer(FIRST_ROWS, 1, MOST),
            model(flags.script()).equals("wan"),
            FIXED_SEED);
      }
      case SAP -> {
        known.addAll(OF_CLUSTERS);
        flags.requireOnly(known);
        model(flags.script());
        if (flags.has(FROM_STEP_ZERO) && !flags.text(FROM_STEP_ZERO).isEmpty()) {
          throw flags.refuse(FROM_STEP_ZERO, "has a value", "leave it out.");
        }
        yield new ClusterTopP(
            flags.integer(QUERY_CLUSTERS, 1, MOST),
            flags.integer(KEY_CLUSTERS, 1, MOST),
            flags.number(COVERAGE, 0, 1),
            flags.number(LEAST_SHARE, 0, 1),
            new ClusterTopP.Rounds(
                flags.integer(FIRST_ROUNDS, 0, MOST),
                flags.integer(LATER_ROUNDS, 0, MOST),
                flags.has(FROM_STEP_ZERO)),
            FIXED_SEED);
      }
      default -> throw flags.refuse(PATTERN, "is none of SVG, SAP and dense", "correct it.");
    };
  }

  /** Bands of Wan also see the first frame. */
  private static String model(String script) {
    return switch (script) {
      case "wan_t2v_inference.py", "wan_i2v_inference.py" -> "wan";
      case "hyvideo_t2v_inference.py", "hyvideo_i2v_inference.py" -> "hyvideo";
      case "cosmos_t2v_inference.py" -> "cosmos";
      default ->
          throw new BadInputException(
              "The script (%s) is none of Sparse VideoGen's for wan, hyvideo and cosmos; it says what a band sees."
                  .formatted(script),
              "begin the line with python wan_t2v_inference.py.");
    };
  }

  @Override
  public Exported write(VideoHeads heads, Optional<PeerSource> kept) {
    SparseLayers layers = SparseLayers.of(heads, name());
    Optional<ScriptFlags> before = kept.map(ScriptFlags::parse);
    Optional<Pattern> pattern = layers.onlyPattern(name());
    var words = new ArrayList<String>();
    pattern.ifPresentOrElse(
        rule -> {
          words.addAll(of(rule));
          words.add(DENSE_STEPS);
          words.add(
              shareOf(layers.steps().first().steps(), layers.steps().count(), before, DENSE_STEPS));
          words.add(DENSE_LAYERS);
          words.add(shareOf(layers.denseLayers(), heads.layers(), before, DENSE_LAYERS));
        },
        () -> words.addAll(List.of(PATTERN, "dense")));
    return exported(script(pattern, before), layers, words);
  }

  private static String script(Optional<Pattern> pattern, Optional<ScriptFlags> before) {
    boolean firstFrame =
        pattern.filter(rule -> rule instanceof SampledBand band && band.firstFrame()).isPresent();
    boolean anyModel = pattern.filter(SampledBand.class::isInstance).isEmpty();
    return before
        .map(ScriptFlags::script)
        .filter(known -> anyModel || model(known).equals("wan") == firstFrame)
        .orElse(firstFrame ? "wan_t2v_inference.py" : "hyvideo_t2v_inference.py");
  }

  private static List<String> of(Pattern pattern) {
    return switch (pattern) {
      case SampledBand(double density, int sampledRows, int firstRows, boolean _, long _) ->
          List.of(
              PATTERN,
              SVG,
              SAMPLED_ROWS,
              Integer.toString(sampledRows),
              FIRST_ROWS,
              Integer.toString(firstRows),
              DENSITY,
              ScriptFlags.number(density));
      case ClusterTopP(
              int queries,
              int keys,
              double coverage,
              double leastShare,
              var rounds,
              long _) -> {
        var words =
            new ArrayList<>(
                List.of(
                    PATTERN,
                    SAP,
                    QUERY_CLUSTERS,
                    Integer.toString(queries),
                    KEY_CLUSTERS,
                    Integer.toString(keys),
                    COVERAGE,
                    ScriptFlags.number(coverage),
                    LEAST_SHARE,
                    ScriptFlags.number(leastShare),
                    FIRST_ROUNDS,
                    Integer.toString(rounds.first()),
                    LATER_ROUNDS,
                    Integer.toString(rounds.later())));
        if (rounds.fromStepZero()) {
          words.add(FROM_STEP_ZERO);
        }
        yield words;
      }
      default ->
          throw new BadInputException(
              "The layers run %s; Sparse VideoGen has bands that it chooses in each step, and clusters, alone."
                  .formatted(pattern.label()),
              "export to radial or sta what was searched: its runtime does not take the choice of a head.");
    };
  }

  /** The shortest share that is rounded down to so many; the one before where it still is. */
  private static String shareOf(int wanted, int count, Optional<ScriptFlags> before, String flag) {
    Optional<String> same =
        before
            .filter(flags -> flags.has(flag))
            .filter(flags -> share(flags.number(flag, 0, 1), count) == wanted)
            .map(flags -> flags.text(flag));
    if (same.isPresent()) {
      return same.get();
    }
    for (double unit = 1; ; unit *= 10) {
      double share = Math.ceil(wanted * unit / count) / unit;
      if (share <= 1 && share(share, count) == wanted) {
        return ScriptFlags.number(share);
      }
    }
  }
}
