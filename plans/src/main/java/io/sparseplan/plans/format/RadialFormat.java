package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import io.sparseplan.plans.pattern.Dense;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.RadialDecay;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The flags of Radial Attention's scripts, which are all the plan that it has: one decay for all
 * heads, and how many layers and steps at the start stay dense. Which script it is says whether
 * every query also sees the first frame: those for Wan do, that for HunyuanVideo does not.
 */
final class RadialFormat implements ScriptFormat {
  private static final String DECAY = "--decay_factor";
  private static final String LAYERS = "--dense_layers";
  private static final String STEPS = "--dense_timesteps";
  private static final String WAN = "wan_t2v_inference.py";
  private static final String WAN_2_2 = "wan_22_t2v_inference.py";
  private static final String HUNYUAN = "hunyuan_t2v_inference.py";

  @Override
  public String name() {
    return "radial";
  }

  @Override
  public String system() {
    return "Radial Attention";
  }

  @Override
  public String file() {
    return "command line of its script: python wan_t2v_inference.py --pattern radial --decay_factor …";
  }

  @Override
  public String ownFlag() {
    return DECAY;
  }

  @Override
  public VideoHeads read(PeerSource source, VideoTarget target) {
    ScriptFlags flags = ScriptFlags.parse(source);
    flags.requireOnly(Set.of(PATTERN, DECAY, LAYERS, STEPS, ALL_STEPS));
    int layers = target.layers().count();
    Pattern pattern = pattern(flags);
    boolean sparse = !pattern.equals(new Dense());
    int denseLayers = sparse ? flags.integer(LAYERS, 0, layers) : layers;
    int denseSteps = sparse ? flags.integer(STEPS, 0, SparseLayers.MOST_STEPS) : 0;
    return new SparseLayers(
            denseLayers,
            SparseLayers.steps(ScriptFormat.steps(flags, denseSteps > 0), denseSteps),
            Collections.nCopies(layers - denseLayers, pattern))
        .heads(target);
  }

  private static Pattern pattern(ScriptFlags flags) {
    return switch (flags.text(PATTERN)) {
      case "dense" -> new Dense();
      case "radial" ->
          new RadialDecay(
              flags.number(DECAY, Double.MIN_NORMAL, 1e6),
              RadialDecay.BLOCK,
              seesFirstFrame(flags.script()));
      default -> throw flags.refuse(PATTERN, "is none of radial and dense", "correct it.");
    };
  }

  private static boolean seesFirstFrame(String script) {
    return switch (script) {
      case WAN, WAN_2_2 -> true;
      case HUNYUAN -> false;
      default ->
          throw new BadInputException(
              "The script (%s) is none of %s; it says whether every query sees the first frame."
                  .formatted(script, List.of(WAN, WAN_2_2, HUNYUAN)),
              "begin the line with python %s.".formatted(WAN));
    };
  }

  @Override
  public Exported write(VideoHeads heads, Optional<PeerSource> kept) {
    SparseLayers layers = SparseLayers.of(heads, name());
    Optional<RadialDecay> radial = layers.onlyPattern(name()).map(RadialFormat::radial);
    Optional<ScriptFlags> before = kept.map(ScriptFlags::parse);
    boolean firstFrame = radial.map(RadialDecay::firstFrame).orElse(false);
    String script =
        before
            .map(ScriptFlags::script)
            .filter(known -> radial.isEmpty() || seesFirstFrame(known) == firstFrame)
            .orElse(firstFrame ? WAN : HUNYUAN);
    var words = new ArrayList<>(List.of(PATTERN, radial.isPresent() ? "radial" : "dense"));
    radial.ifPresent(
        decay ->
            words.addAll(
                List.of(
                    LAYERS,
                    Integer.toString(layers.denseLayers()),
                    STEPS,
                    Integer.toString(layers.steps().first().steps()),
                    DECAY,
                    ScriptFlags.number(decay.decay()))));
    return exported(script, layers, words);
  }

  private static RadialDecay radial(Pattern pattern) {
    if (pattern instanceof RadialDecay radial && radial.block().equals(RadialDecay.BLOCK)) {
      return radial;
    }
    throw new BadInputException(
        "The layers run %s; Radial Attention has bands that halve, of blocks of %s tokens, alone."
            .formatted(pattern.label(), RadialDecay.BLOCK),
        "search with --family radial.");
  }
}
