package io.sparseplan.plans.format;

import io.sparseplan.plans.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All formats, by name. */
public final class Formats {
  private static final List<Format> ALL =
      List.of(
          new MoaFormat(),
          MInferenceFormat.ofMInference(),
          MInferenceFormat.ofDualChunk(),
          new DuoAttentionFormat(),
          new LserveFormat(),
          HeadScoreFormat.ofRetrievalHead(),
          HeadScoreFormat.ofHeadKv(),
          new RazorAttentionFormat(),
          new SnapKvFormat(),
          new DoubleSparsityFormat(),
          new XAttentionFormat(),
          new SpargeAttnFormat(),
          new HipFormat(),
          new DkernelFormat(),
          new ModelOptFormat(),
          new StaFormat(),
          new NattenFormat(),
          new VmobaFormat(),
          new RadialFormat(),
          new SvgFormat(),
          new FlexAttentionFormat(),
          new FlashInferFormat(),
          new SpargeMaskFormat(),
          new BlockSparseAttentionFormat());

  private Formats() {}

  public static List<Format> all() {
    return ALL;
  }

  /**
   * @throws BadInputException if there is none of that name
   */
  public static Format named(String name) {
    return ALL.stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "The format '%s' is none of %s.".formatted(name, names()),
                    "sparseplan show formats says what each is."));
  }

  private static String names() {
    return ALL.stream().map(Format::name).collect(Collectors.joining(", "));
  }

  /** The formats whose files look like this one: none, one, or several. */
  public static List<Format> recognising(PeerSource source) {
    var found = new ArrayList<Format>();
    for (Format format : ALL) {
      boolean looksLike =
          switch (format) {
            case PlanFormat plan -> plan.recognises(source);
            case VideoFormat video -> video.recognises(source);
            case ScoresFormat scores -> scores.recognises(source);
            case KernelFormat kernel -> false;
          };
      if (looksLike) {
        found.add(format);
      }
    }
    return found;
  }
}
