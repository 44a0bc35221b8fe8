package io.sparseplan.plans.pattern;

/** The clusters of one head's queries and of its keys: what {@link ClusterTopP} picks by. */
public record HeadClusters(TokenClusters ofQueries, TokenClusters ofKeys) {}
