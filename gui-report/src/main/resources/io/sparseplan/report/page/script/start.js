"use strict";

addEventListener("DOMContentLoaded", () => {
  document.getElementById("tools").append(
    dom.element("button", { type: "button", title: "d", click: theme.toggle }, "Light / dark"),
    dom.element("button", { type: "button", title: "?", click: () => keys.help().showModal() }, "Keys"));
  try {
    report.start();
    if (selection.current().head) {
      document.getElementById("map").scrollIntoView();
    }
  } catch (failure) {
    document.body.append(dom.element("p.failure", { role: "alert" },
      "The page could not be drawn: " + failure.message));
    throw failure;
  }
});
