package io.sparseplan.profiler.statistics;

import io.sparseplan.plans.geometry.TokenLayout;
import io.sparseplan.plans.geometry.Tokens;
import io.sparseplan.plans.geometry.Visibility;
import io.sparseplan.plans.pattern.BlockTopK;
import io.sparseplan.plans.pattern.BlockTopP;
import io.sparseplan.plans.pattern.CompensatedBuffer;
import io.sparseplan.plans.pattern.DilatedWindow;
import io.sparseplan.plans.pattern.ElasticSpan;
import io.sparseplan.plans.pattern.KvBudget;
import io.sparseplan.plans.pattern.PageTopK;
import io.sparseplan.plans.pattern.Pattern;
import io.sparseplan.plans.pattern.Skip;
import io.sparseplan.plans.pattern.Strided;
import io.sparseplan.plans.pattern.TriShape;
import io.sparseplan.plans.pattern.VerticalSlash;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Kinds of patterns with the parameters that are tried unless a file says others. */
public enum CandidateFamily {
  /**
   * Sinks of one, two or four tiles with a window that is fixed (StreamingLLM, DuoAttention's and
   * LServe's streaming heads) or a share of the length (MoA's elastic span, α = 0).
   */
  STREAMING("streaming", Where.TEXT) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return spans().map(span -> span);
    }
  },
  /** The same with the last two tiles of queries dense (SCBench's tri-shape). */
  TRI_SHAPE("tri-shape", Where.TEXT) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return spans()
          .map(span -> new TriShape(span.sink(), span.alpha(), span.beta(), LAST_QUERIES));
    }
  },
  /**
   * Columns of a tile every 2, 4, 8 or 16 tiles (Phi-3-small has every eighth of 64 tokens) beside
   * a local window, windows with gaps of one or three tiles (MInference's dilated patterns), and no
   * tile at all.
   */
  STRIDED("strided", Where.TEXT) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      Stream<Pattern> strided =
          Stream.of(128, 256, 512)
              .flatMap(
                  local ->
                      Stream.of(256, 512, 1024, 2048)
                          .map(
                              stride ->
                                  new Strided(
                                      Tokens.of(local),
                                      Tokens.of(128),
                                      Tokens.of(stride),
                                      Tokens.of(0))));
      Stream<Pattern> dilated =
          Stream.of(1024, 2048, 4096)
              .flatMap(
                  window ->
                      Stream.of(256, 512)
                          .map(
                              dilation ->
                                  new DilatedWindow(
                                      Tokens.of(128), Tokens.of(window), Tokens.of(dilation))));
      return Stream.of(strided, dilated, Stream.of((Pattern) new Skip())).flatMap(each -> each);
    }
  },
  /**
   * MInference's budgets (30, 800), (100, 750), (500, 700), (3500, 100), (1000, 4096) and its
   * default for Llama 3.1 (512, 2048); and smaller ones, as whole tiles of 128 hold many columns.
   */
  VERTICAL_SLASH("vertical-slash", Where.CAUSAL) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return Arrays.stream(
              new int[][] {
                {30, 50}, {30, 100}, {30, 200}, {30, 400}, {30, 800}, {40, 100}, {60, 100},
                {60, 200}, {100, 100}, {100, 300}, {100, 750}, {200, 100}, {500, 100}, {500, 700},
                {512, 2048}, {1000, 4096}, {3500, 100}
              })
          .map(budget -> new VerticalSlash(budget[0], budget[1]));
    }
  },
  /**
   * As many tiles as the windows of {@link #STREAMING} have, and as the shares of the length;
   * MInference's 1/8 of all blocks is among them.
   */
  BLOCK_TOP_K("block-topk", Where.ANYWHERE) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return Stream.concat(
          IntStream.of(256, 384, 512, 768, 1024, 1536, 2048)
              .mapToObj(budget -> new BlockTopK(Tokens.of(budget), 0)),
          DoubleStream.of(WINDOW_SHARES).mapToObj(share -> new BlockTopK(Tokens.of(0), share)));
    }
  },
  /**
   * FlexPrefill's γ 0.9 and 0.95, XAttention's τ 0.9 and 0.8, and other shares about them, with a
   * cap of a quarter of the length, of half of it, or none.
   */
  BLOCK_TOP_P("block-topp", Where.ANYWHERE) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return Stream.of(0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)
          .flatMap(
              coverage ->
                  Stream.of(0.25, 0.5, 1.0).map(cap -> new BlockTopP(coverage, Tokens.of(0), cap)));
    }
  },
  /** Windows of STA's tiles, odd as its paper has them, one to all along each axis. */
  SLIDING_TILE("sliding-tile", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.slidingTiles(layout.video().orElseThrow());
    }
  },
  /** Neighborhoods of a quarter, a half and all of each axis, by whole blocks of the layout. */
  NEIGHBORHOOD("neighborhood", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.neighborhoods(layout.video().orElseThrow());
    }
  },
  /**
   * Sparse VideoGen's spatial and temporal bands at shares of all pairs from 0.02 to 0.5 (it has
   * 0.25 and 0.3), and Sparse-vDiT's narrower ones.
   */
  VIDEO_BAND("video-band", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.bands(layout.video().orElseThrow());
    }
  },
  /** The first frame, columns at the same places of every frame, and no tile at all. */
  VIDEO_STRIPES("video-stripes", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.stripes(layout.video().orElseThrow());
    }
  },
  /** Radial Attention with its scripts' decays 0.2, 0.8 and 0.95, and others about them. */
  RADIAL("radial", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.radial();
    }
  },
  /**
   * SnapKV's published settings (32 queries, maxima over 7 keys) with capacities of 128 to 4,096.
   */
  KV_BUDGET("kv-budget", Where.DECODING) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return IntStream.of(128, 256, 512, 1024, 2048, 4096)
          .mapToObj(
              capacity ->
                  new KvBudget(
                      Tokens.of(capacity), Tokens.of(32), Tokens.of(7), KvBudget.Pooling.MAXIMUM));
    }
  },
  /** LServe's pages of 64 tokens in four parts, chosen every fourth step, and Quest's of 16. */
  PAGE_TOP_K("page-topk", Where.DECODING) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return IntStream.of(128, 256, 512, 1024, 2048, 4096)
          .mapToObj(Tokens::of)
          .flatMap(
              budget ->
                  Stream.of(
                      new PageTopK(Tokens.of(64), Tokens.of(16), budget, 4),
                      new PageTopK(Tokens.of(16), Tokens.of(16), budget, 1)));
    }
  },
  /**
   * RazorAttention's sink of four tokens and a fifth of the length, with smaller and larger ones.
   */
  COMPENSATED_BUFFER("compensated-buffer", Where.DECODING) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return Stream.concat(
          IntStream.of(128, 256, 512, 1024, 2048)
              .mapToObj(least -> new CompensatedBuffer(Tokens.of(4), Tokens.of(least), 0)),
          DoubleStream.of(0.1, 0.2, 0.4)
              .mapToObj(share -> new CompensatedBuffer(Tokens.of(4), Tokens.of(128), share)));
    }
  },
  /** XAttention's strides 8 and 16, with its τ 0.8, 0.9 and 0.95, and lower ones. */
  ANTIDIAGONAL("antidiagonal", Where.CAUSAL) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return RunTimeCandidates.antidiagonals();
    }
  },
  /** SpargeAttn's thresholds 0.97 and 0.6, and others about them. */
  SIMILARITY("similarity", Where.ANYWHERE) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return RunTimeCandidates.similarities();
    }
  },
  /** HiP's stages with its own budget and smaller ones. */
  HIERARCHICAL("hierarchical", Where.CAUSAL) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return RunTimeCandidates.hierarchies();
    }
  },
  /** Model-Optimizer's skip-softmax for wanted shares of 0.1 to 0.9, by its published fit. */
  SKIP_SOFTMAX("skip-softmax", Where.ANYWHERE) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return RunTimeCandidates.skippedSoftmax();
    }
  },
  /** HyperAttention's blocks and samples of 256 from 4,096 tokens on, and smaller ones. */
  HASH_BUCKETS("hash-buckets", Where.CAUSAL) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return RunTimeCandidates.hashBuckets();
    }
  },
  /** Sparse VideoGen's choice of a band in each step, at its densities 0.25 and 0.3 and others. */
  SAMPLED_BAND("sampled-band", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.sampledBands();
    }
  },
  /** VMoBA's chunks of frames, of places and of both, by its two rules. */
  VIDEO_CHUNKS("video-chunks", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.chunks(layout.video().orElseThrow());
    }
  },
  /** Sparse VideoGen 2's clusters, as many for the tokens as it has, at shares from 0.3 to 0.9. */
  CLUSTERS("clusters", Where.VIDEO) {
    @Override
    Stream<Pattern> patterns(TokenLayout layout) {
      return VideoCandidates.clusters(layout.video().orElseThrow());
    }
  };

  private static final int[] SINK_TOKENS = {128, 256, 512};
  private static final int[] FIXED_WINDOW_TOKENS = {128, 256, 512, 1024, 2048};
  private static final double[] WINDOW_SHARES = {
    1 / 16.0, 1 / 8.0, 3 / 16.0, 1 / 4.0, 3 / 8.0, 1 / 2.0, 3 / 4.0
  };

  /** A question and its answer at the end of a prompt, rounded up to two tiles. */
  private static final Tokens LAST_QUERIES = Tokens.of(256);

  /** Where a family means something. */
  private enum Where {
    /** Tokens one after the other. */
    TEXT,
    /** The same, where answers are written token by token. */
    DECODING,
    /** Queries that see no later key. */
    CAUSAL,
    VIDEO,
    ANYWHERE
  }

  private final String title;
  private final Where where;

  CandidateFamily(String title, Where where) {
    this.title = title;
    this.where = where;
  }

  /** Its name on the command line. */
  public String title() {
    return title;
  }

  /** The patterns, for tokens that lie so. */
  abstract Stream<Pattern> patterns(TokenLayout layout);

  /** Whether the family means something where tokens lie so. */
  boolean fits(TokenLayout layout) {
    boolean isText = layout.video().isEmpty();
    boolean isCausal = layout.visibility() == Visibility.CAUSAL;
    return switch (where) {
      case TEXT -> isText;
      case DECODING -> isText && isCausal;
      case CAUSAL -> isCausal;
      case VIDEO -> !isText;
      case ANYWHERE -> true;
    };
  }

  /** Whether its patterns are rules of decoding, which need prompts whose answers are known. */
  public boolean isOfDecoding() {
    return where == Where.DECODING;
  }

  private static Stream<ElasticSpan> spans() {
    return Arrays.stream(SINK_TOKENS)
        .mapToObj(Tokens::of)
        .flatMap(
            sink ->
                Stream.concat(
                    Arrays.stream(FIXED_WINDOW_TOKENS)
                        .mapToObj(window -> new ElasticSpan(sink, Tokens.of(window), 0)),
                    Arrays.stream(WINDOW_SHARES)
                        .mapToObj(share -> new ElasticSpan(sink, Tokens.of(0), share))));
  }

  /**
   * Whether it is tried where all are: rules of decoding are apart, and laying tokens out anew
   * takes too long for that.
   */
  public boolean isInMixed() {
    return switch (this) {
      case HASH_BUCKETS, CLUSTERS -> false;
      default -> !isOfDecoding();
    };
  }

  /** All that mean something where tokens lie so. */
  public static List<CandidateFamily> allOf(TokenLayout layout) {
    return Arrays.stream(values()).filter(family -> family.fits(layout)).toList();
  }

  /** All that there are. */
  public static List<CandidateFamily> all() {
    return List.of(values());
  }
}
