package io.sparseplan.report.view;

import java.util.List;

/** Where the page's lengths, candidates and heads come from. */
sealed interface HeadSource permits HeadViews, PlanAlone {
  List<ShownLength> lengths();

  List<ShownCandidate> candidates();

  List<ShownHead> heads();
}
