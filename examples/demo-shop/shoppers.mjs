// Twenty thousand shoppers and what they do in 120 days. Each has tastes for style, colour and
// budget; a session follows an intent; a wish may become a purchase later; and half of the carts are
// completed to an outfit (outfits.mjs), which is the truth that bought-together should find.
import { colourNamed } from './palette.mjs';
import { DAYS } from './catalogue.mjs';
import { Random } from './random.mjs';

export const FIRST_DAY_SECONDS = 1772496000;  // 2026-03-03T00:00:00Z, a Tuesday
export const STYLES = ['casual', 'classic', 'sporty', 'romantic', 'street', 'evening'];

const FAMILIES = ['dark', 'light', 'grey', 'blue', 'green', 'red', 'pink', 'purple', 'yellow', 'orange', 'brown'];

export const rates = {
  outfit_completion: 0.44,   // a cart's first piece is completed from one of its outfits
  outfit_piece: 0.55,        // each other piece of that outfit is added
  other_variant: 0.15,       // … but in another colour than the outfit's
  own_pick: 0.36,            // one more piece of the shopper's own taste, again and again
  popular_extra: 0.12,       // something cheap that everybody takes along
  cart_per_session: 0.52,
  order_per_cart: 0.88,
  wish_per_view: 0.07,
  wish_returns: 0.3,         // a session that starts at an earlier wish
  click_per_view: 0.16,
};

const regions = [
  { name: 'Northmark', cities: ['Halvergate', 'Tarnfell', 'Skerry'], summer: 0.75, winter: 1.35 },
  { name: 'Eastholm', cities: ['Ostrava Quay', 'Linden Cross'], summer: 0.95, winter: 1.1 },
  { name: 'Midvale', cities: ['Kingsbridge', 'Merrow', 'Oakhampton'], summer: 1, winter: 1 },
  { name: 'Westshore', cities: ['Port Sable', 'Greywater'], summer: 1.15, winter: 0.85 },
  { name: 'Southbay', cities: ['Solana', 'Cala Verde', 'Marisol'], summer: 1.4, winter: 0.55 },
];

// How much each age group likes each style: casual classic sporty romantic street evening.
const ageStyles = [
  { below: 25, likes: [1, 0.35, 1, 0.8, 1.8, 0.5] },
  { below: 38, likes: [1.1, 0.9, 0.9, 1.1, 0.8, 0.8] },
  { below: 52, likes: [1.1, 1.4, 0.7, 0.8, 0.3, 0.9] },
  { below: 200, likes: [1, 1.8, 0.4, 0.8, 0.1, 0.8] },
];

const budgetFit = [null, [0, 1, 0.4, 0.08], [0, 0.55, 1, 0.45], [0, 0.25, 0.65, 1]];

function makeShopper(number, seed) {
  const random = new Random(seed, 'shopper', number);
  const age = Math.round(16 + 58 * (random.next() + random.next() + random.next()) / 3 * random.between(0.6, 1.15));
  const region = regions[random.weighted([2, 2, 3, 2, 1.5])];
  const likes = ageStyles.find((group) => age < group.below).likes;
  const first = random.weighted(likes);
  const second = random.weighted(likes.map((like, i) => (i === first ? 0 : like)));
  const styleWeight = likes.map((like, i) => (i === first ? 1 : i === second ? 0.4 : 0.05));
  const familyLikes = [1.6, 1.3, 0.8, 1.6, 1.1, 1.2, 0.9, 0.7, 0.6, 0.6, 0.6];
  const colourFirst = random.weighted(familyLikes);
  const colourSecond = random.weighted(familyLikes.map((like, i) => (i === colourFirst ? 0 : like)));
  const colourWeight = familyLikes.map((like, i) => (i === colourFirst ? 4 : i === colourSecond ? 2.2 : like * 0.45));
  const audience = random.chance(0.6) ? 'women' : 'men';
  const parent = age >= 26 && age < 50 && random.chance(0.35);
  return {
    id: 'u' + String(number + 1).padStart(5, '0'), age, region, city: random.pick(region.cities), audience, parent,
    budget: 1 + random.weighted(age < 25 ? [5, 3, 0.6] : age < 45 ? [3, 4, 2] : [2, 4, 3]),
    styles: [STYLES[first], STYLES[second]], styleWeight, colours: [FAMILIES[colourFirst], FAMILIES[colourSecond]], colourWeight,
    knowsAge: random.chance(0.9), random,
    // A Pareto tail: many come once or twice, a few every other day.
    sessions: Math.min(60, Math.floor(2.15 / Math.sqrt(random.next() + 1e-9))),
  };
}

// A rank to popularity curve: about 1/sqrt(rank), over a seeded order of the products.
function basePopularity(products, seed) {
  const random = new Random(seed, 'popularity');
  const rank = random.shuffled(products.map((_, i) => i));
  const popularity = new Float64Array(products.length);
  rank.forEach((item, place) => { popularity[item] = 1 / Math.sqrt(6 + place); });
  return popularity;
}

// Spring turns into summer over the 120 days.
function seasonFactor(season, day, region) {
  const progress = day / DAYS;
  if (season === 'summer') return (0.45 + 1.0 * progress) * region.summer;
  if (season === 'winter') return (1.15 - 0.8 * progress) * region.winter;
  return 1;
}

// Draws from a fixed weight table in O(log n).
class Wheel {
  constructor(items, weightOf) {
    this.items = items;
    this.sums = new Float64Array(items.length);
    let sum = 0;
    for (let i = 0; i < items.length; i++) this.sums[i] = sum += weightOf(items[i]);
    this.total = sum;
  }

  draw(random) {
    if (!(this.total > 0)) return undefined;
    const at = random.next() * this.total;
    let low = 0;
    let high = this.sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.sums[middle] > at) high = middle;
      else low = middle + 1;
    }
    return this.items[low];
  }
}

// Products to choose from, grouped by what tastes differ on (style, colour family, price tier), so
// that a shopper weighs at most 198 cells in place of every product.
class Shelf {
  constructor(items, products, popularity) {
    const cells = new Map();
    for (const item of items) {
      const { style, colour, tier } = products[item];
      const cell = { style: STYLES.indexOf(style), family: FAMILIES.indexOf(colourNamed(colour).family), tier };
      const key = `${cell.style}/${cell.family}/${tier}`;
      if (!cells.has(key)) cells.set(key, { ...cell, items: [] });
      cells.get(key).items.push(item);
    }
    this.cells = [...cells.values()];
    for (const cell of this.cells) cell.wheel = new Wheel(cell.items, (item) => popularity[item]);
  }

  // A wheel of cells as one shopper likes them.
  liking(shopper) {
    return new Wheel(this.cells, (cell) => cell.wheel.total * shopper.styleWeight[cell.style] *
      shopper.colourWeight[cell.family] * budgetFit[shopper.budget][cell.tier]);
  }
}

export function simulate({ products, outfits, complements, seed, shoppers = 20000 }) {
  const popularity = basePopularity(products, seed);
  const outfitsOf = products.map(() => []);
  outfits.forEach((outfit, number) => outfit.forEach((item) => outfitsOf[item].push(number)));
  // Shelves by audience, and by audience and category.
  const buyersOf = { women: ['women'], men: ['men'], unisex: ['women', 'men'], kids: ['kids'], girls: ['kids'] };
  const lists = new Map();
  products.forEach((product, item) => {
    for (const audience of buyersOf[product.audience]) {
      for (const key of [audience, audience + '/' + product.category]) {
        if (!lists.has(key)) lists.set(key, []);
        lists.get(key).push(item);
      }
    }
  });
  const shelves = new Map([...lists].map(([key, items]) => [key, new Shelf(items, products, popularity)]));
  const variantsOf = new Map();
  products.forEach((product, item) => variantsOf.set(product.group, [...(variantsOf.get(product.group) ?? []), item]));
  const extras = {};
  for (const [audience, buyers] of Object.entries(buyersOf)) {
    const cheap = lists.get(buyers[0]).filter((item) => products[item].cents < 2500);
    extras[audience] = new Wheel(cheap, (item) => popularity[item]);
  }
  const world = { variantsOf, extras, products, outfits, outfitsOf, complements, shelves };
  const people = [];
  const sessions = [];
  for (let number = 0; number < shoppers; number++) {
    const shopper = makeShopper(number, seed);
    people.push(shopper);
    shopAll(shopper, number, world, sessions);
  }
  // Sessions are numbered in order of time; ties by shopper.
  sessions.sort((a, b) => a.start - b.start || a.user - b.user);
  return { people, sessions };
}

function shopAll(shopper, number, world, sessions) {
  const { random } = shopper;
  const state = { wishes: [], bought: new Set(), wheels: {} };
  const days = [];
  for (let i = 0; i < shopper.sessions; i++) {
    let day = random.below(DAYS);
    // Fewer visits in the middle of the week: one more try.
    if (day % 7 < 3 && random.chance(0.35)) day = random.below(DAYS);
    days.push(day);
  }
  days.sort((a, b) => a - b);
  let last = 0;
  for (const day of days) {
    const hour = 7 + Math.floor(16 * (random.next() + random.next()) / 2);
    let start = FIRST_DAY_SECONDS + day * 86400 + hour * 3600 + random.below(3600);
    if (start <= last + 3600) start = last + 3600;  // sessions of one shopper do not overlap
    const session = oneSession(shopper, day, start, world, state);
    session.user = number;
    last = session.events[session.events.length - 1].time;
    sessions.push(session);
  }
}

// A shopper's wheel over one shelf, made when it is first needed.
function wheelFor(shopper, key, world, state) {
  state.wheels[key] ??= world.shelves.get(key).liking(shopper);
  return state.wheels[key];
}

function acceptable(shopper, world, item, day, random) {
  const product = world.products[item];
  if (product.launch > day) return false;
  return random.next() * 1.6 < seasonFactor(product.season, day, shopper.region);
}

function drawItem(shopper, wheel, day, world, state, random) {
  for (let attempt = 0; attempt < 12; attempt++) {
    const cell = wheel.draw(random);
    if (!cell) return -1;
    const item = cell.wheel.draw(random);
    if (acceptable(shopper, world, item, day, random) && !(state.bought.has(item) && attempt < 6)) return item;
  }
  return -1;
}

function oneSession(shopper, day, start, world, state) {
  const { random } = shopper;
  const audience = shopper.parent && random.chance(0.3) ? 'kids' : shopper.audience;
  const whole = wheelFor(shopper, audience, world, state);
  const events = [];
  let time = start;
  const add = (item, kind, pause) => {
    events.push({ item, kind, time });
    time += 4 + random.below(pause);
  };
  const returning = state.wishes.length > 0 && random.chance(rates.wish_returns);
  let current = returning ? state.wishes.splice(random.below(state.wishes.length), 1)[0] : drawItem(shopper, whole, day, world, state, random);
  // Everything liked is bought or out of season: browse what is liked all the same.
  while (current < 0 || world.products[current].launch > day) current = whole.draw(random).wheel.draw(random);
  let views = 1;
  while (views < 14 && random.chance(0.74)) views++;
  const seen = [];
  for (let i = 0; i < views; i++) {
    add(current, 'view', 110);
    if (!seen.includes(current)) seen.push(current);
    if (random.chance(rates.click_per_view)) add(current, 'click', 30);
    if (random.chance(rates.wish_per_view)) {
      add(current, 'wishlist', 20);
      if (state.wishes.length < 12 && !state.wishes.includes(current)) state.wishes.push(current);
    }
    current = nextView(current, audience, shopper, day, world, state, whole);
  }
  const wants = returning ? 0.75 : rates.cart_per_session;
  if (random.chance(wants)) shopCart(shopper, returning ? seen[0] : seen[seen.length - 1 - random.below(Math.min(3, seen.length))], day, world, state, whole, add);
  return { start, events };
}

// Where a shopper looks next: at an alternative (same kind, often the same colour), at something
// that goes with it, or at something else.
function nextView(current, audience, shopper, day, world, state, whole) {
  const { random } = shopper;
  const { products } = world;
  const fate = random.next();
  if (fate < 0.58) {
    const key = audience + '/' + products[current].category;
    if (world.shelves.has(key)) {
      const wheel = wheelFor(shopper, key, world, state);
      let fallback = -1;
      for (let attempt = 0; attempt < 5; attempt++) {
        const item = drawItem(shopper, wheel, day, world, state, random);
        if (item < 0 || item === current) continue;
        fallback = item;
        if (products[item].colour === products[current].colour || attempt === 4) break;
        if (products[item].group === products[current].group) break;
      }
      if (fallback >= 0) return fallback;
    }
  } else if (fate < 0.72 && world.complements[current].length) {
    const item = random.pick(world.complements[current]);
    if (products[item].launch <= day) return item;
  }
  const item = drawItem(shopper, whole, day, world, state, random);
  return item >= 0 ? item : current;
}

function shopCart(shopper, first, day, world, state, whole, add) {
  const { random } = shopper;
  const { products, outfits, outfitsOf } = world;
  const cart = [first];
  add(first, 'cart', 40);
  const recolour = (item) => (random.chance(rates.other_variant) ? random.pick(world.variantsOf.get(products[item].group)) : item);
  const put = (item) => {
    if (item < 0 || cart.includes(item) || products[item].launch > day) return;
    if (random.chance(0.7)) add(item, 'view', 60);
    add(item, 'cart', 40);
    cart.push(item);
  };
  if (outfitsOf[first].length && random.chance(rates.outfit_completion)) {
    const outfit = outfits[random.pick(outfitsOf[first])];
    for (const item of outfit) if (item !== first && random.chance(rates.outfit_piece)) put(recolour(item));
  }
  while (cart.length < 8 && random.chance(rates.own_pick)) put(drawItem(shopper, whole, day, world, state, random));
  if (random.chance(rates.popular_extra)) put(world.extras[products[first].audience].draw(random));
  if (!random.chance(rates.order_per_cart)) return;
  for (const item of cart) {
    if (cart.length > 1 && random.chance(0.06)) continue;  // taken out before paying
    add(item, 'order', 1);
    state.bought.add(item);
  }
}
