// What two shoppers' browsers pushed into GA4's data layer, as a tag assistant records it: the shop's
// e-commerce events between those of the tag manager, the consent banner and the page itself.
// `gtag` entries are calls of gtag(), which pushes its arguments.
const item = (id, name, category, extra = {}) => ({item_id: id, item_name: name, item_category: category, currency: "EUR", quantity: 1, ...extra});
const page = (path) => ({event: "page_view", page_location: `https://shop.example${path}`, page_title: "Linde & Faro"});

/** Three red dresses, one of them into the cart. `ids` are products of the shop, in the order of the visit. */
export function recordedSession(ids, category) {
  const items = ids.map((id, i) => item(id, `Product ${i}`, category, {price: 49.9 + i}));
  return [
    {gtag: ["js", "2026-03-01T10:00:00Z"]},
    {gtag: ["consent", "default", {ad_storage: "denied", analytics_storage: "denied", personalization_storage: "denied", wait_for_update: 500}]},
    {gtag: ["config", "G-0000000000", {send_page_view: false}]},
    {"gtm.start": 1772359200000, event: "gtm.js"},
    page("/"),
    {event: "view_promotion", ecommerce: {creative_name: "Spring", promotion_id: "P1", items: [item("no-such-product", "Voucher", "Gifts")]}},
    {gtag: ["consent", "update", {ad_storage: "denied", analytics_storage: "granted", personalization_storage: "granted"}]},
    {event: "view_item_list", ecommerce: {item_list_id: category, item_list_name: category, items: items.map((each, index) => ({...each, index}))}},
    {ecommerce: null},
    {event: "select_item", ecommerce: {item_list_id: category, item_list_name: category, items: [items[0]]}},
    page(`/p/${ids[0]}`),
    {ecommerce: null},
    {event: "view_item", ecommerce: {currency: "EUR", value: 49.9, items: [items[0]]}},
    {event: "scroll", percent_scrolled: 90},
    {gtag: ["event", "view_item", {currency: "EUR", value: 50.9, items: [items[1]]}]},
    {event: "user_engagement", engagement_time_msec: 5234},
    {ecommerce: null},
    {event: "view_item", ecommerce: {currency: "EUR", value: 51.9, items: [items[2]]}},
    {ecommerce: null},
    {event: "add_to_cart", ecommerce: {currency: "EUR", value: 51.9, items: [{...items[2], item_variant: "M"}]}},
    {event: "gtm.click", "gtm.elementClasses": "button"},
  ];
}
