// The words of the reasons.
import assert from "node:assert/strict";
import {test} from "node:test";
import {load} from "./load.mjs";

const {reasonText, safeLocale, setTexts, textsFor, ENGLISH} = await load("reasons.ts");

test("each kind of reason has its words", () => {
  const say = (reason) => reasonText(reason, "en", (id) => ({"d-1": "Red dress", "b-2": "Belt"})[id] ?? "");
  assert.equal(say({kind: "bought-together", count: 43, lift: 3.2}), "Bought together 43 times");
  assert.equal(say({kind: "bought-together", count: 1}), "Bought together once");
  assert.equal(say({kind: "bought-together", count: 5, item: "d-1"}), "Bought with Red dress");
  assert.equal(say({kind: "bought-together", count: 5, lift: 0.8, item: "d-1"}), "Bought with Red dress");
  assert.equal(say({kind: "bought-together", count: 43, lift: 3.21, item: "d-1", items: ["d-1", "b-2"]}),
    "With Red dress + Belt: 43 orders, 3.2× more often than chance");
  assert.equal(say({kind: "similar", shares: ["category", "colour", "style"]}), "Similar type, colour, style");
  assert.equal(say({kind: "similar", shares: []}), "Similar style");
  assert.equal(say({kind: "similar", shares: ["of a later release"], item: "d-1"}), "Similar to Red dress");
  assert.equal(say({kind: "because-viewed", item: "d-1"}), "Because you looked at Red dress");
  assert.equal(say({kind: "because-viewed", item: "gone"}), ENGLISH.similarTaste);
  assert.equal(say({kind: "popular", count: 1200}), "Chosen by 1,200 shoppers");
  assert.equal(say({kind: "popular"}), "Popular in this shop");
  assert.equal(say({kind: "of a later release"}), "");
});

test("a shop replaces texts of one language and keeps the rest", () => {
  setTexts("en-GB", {recent: "Seen before"});
  assert.equal(reasonText({kind: "recent"}, "en-GB"), "Seen before");
  assert.equal(reasonText({kind: "recent"}, "en"), ENGLISH.recent);
  assert.equal(textsFor("en-GB").next, ENGLISH.next);
  assert.equal(textsFor("zz").next, ENGLISH.next, "an unknown language speaks English");
});

test("a title with placeholders or patterns of replace() stays text", () => {
  const say = (title) => reasonText({kind: "because-viewed", item: "x"}, "en", () => title);
  assert.equal(say("{count} $& $1 <i>"), "Because you looked at {count} $& $1 <i>");
});

test("an impossible language never throws", () => {
  for (const locale of ["", "x", "not a locale", "en_US", "\u0000"]) {
    assert.equal(typeof safeLocale(locale), "string");
    assert.equal(reasonText({kind: "popular", count: 2}, locale), "Chosen by 2 shoppers");
  }
});
