// The shop's products: designs of each type of garment and shape, each in several colours.
import { garmentTypes } from './garment_types.mjs';
import { shapes } from './shapes.mjs';
import { description, title } from './copy.mjs';
import { colours } from './palette.mjs';
import { Random } from './random.mjs';
import { toCsv } from './csv.mjs';

// Invented brands. tier: 1 budget, 2 middle, 3 premium.
const brands = [
  { name: 'Plainfolk', tier: 1, styles: ['casual', 'street', 'sporty'] },
  { name: 'Tuppence Lane', tier: 1, styles: ['romantic', 'classic', 'casual', 'evening'] },
  { name: 'Rookery Nine', tier: 1, styles: ['street', 'sporty'] },
  { name: 'Fernhollow', tier: 2, styles: ['casual', 'romantic'] },
  { name: 'Aldersgate & Finch', tier: 2, styles: ['classic', 'evening'] },
  { name: 'Paceline Nord', tier: 2, styles: ['sporty', 'street'] },
  { name: 'Maison Brimborion', tier: 2, styles: ['romantic', 'evening'] },
  { name: 'Saltmarsh Denim Works', tier: 2, styles: ['casual', 'street'] },
  { name: 'Oriel Atelier', tier: 3, styles: ['classic', 'evening', 'romantic'] },
  { name: 'Vesperine', tier: 3, styles: ['evening', 'romantic'] },
  { name: 'Kestrel & Wold', tier: 3, styles: ['casual', 'classic', 'sporty', 'street'] },
  { name: 'Little Otterby', tier: 1, styles: [], kids: true },
  { name: 'Pip & Thistle', tier: 2, styles: [], kids: true },
];

// What each style is cut in, beside black and white that all share.
const styleColours = {
  casual: ['White', 'Navy', 'Blue', 'Grey', 'Olive', 'Red', 'Yellow', 'Light blue', 'Beige', 'Green', 'Orange', 'Pink'],
  classic: ['Navy', 'Beige', 'White', 'Burgundy', 'Grey', 'Light blue', 'Black', 'Brown', 'Green', 'Red', 'Purple'],
  sporty: ['Black', 'Grey', 'Blue', 'Navy', 'Orange', 'Yellow', 'Purple', 'Green', 'Red', 'White'],
  romantic: ['Pink', 'White', 'Red', 'Light blue', 'Purple', 'Beige', 'Yellow', 'Green', 'Burgundy', 'Orange'],
  street: ['Black', 'Grey', 'Olive', 'White', 'Orange', 'Red', 'Purple', 'Yellow', 'Blue', 'Brown'],
  evening: ['Black', 'Burgundy', 'Red', 'Navy', 'Green', 'Purple', 'White', 'Beige', 'Pink'],
};
const denimColours = ['Blue', 'Light blue', 'Navy', 'Black', 'Grey', 'White'];
const soberColours = ['Navy', 'Beige', 'Grey', 'Black', 'Brown', 'Olive', 'White', 'Burgundy', 'Light blue', 'Green'];
const coatColours = ['Beige', 'Black', 'Navy', 'Grey', 'Brown', 'Olive', 'Burgundy', 'Red', 'Pink', 'Green', 'Light blue', 'Yellow'];

const sizesOf = {
  women: ['XS', 'S', 'M', 'L', 'XL'],
  men: ['S', 'M', 'L', 'XL', 'XXL'],
  kids: ['98', '104', '110', '116', '122', '128', '134', '140'],
  jeans: ['W25', 'W26', 'W27', 'W28', 'W29', 'W30', 'W31', 'W32'],
  mensJeans: ['W29', 'W30', 'W31', 'W32', 'W33', 'W34', 'W36'],
  womensShoes: ['36', '37', '38', '39', '40', '41'],
  mensShoes: ['40', '41', '42', '43', '44', '45', '46'],
  kidsShoes: ['26', '27', '28', '29', '30', '31', '32', '33', '34'],
  unisexShoes: ['36', '37', '38', '39', '40', '41', '42', '43', '44', '45'],
};

function sizeRange(product) {
  const kids = product.audience === 'kids' || product.audience === 'girls';
  if (product.department === 'Shoes') return sizesOf[(kids ? 'kids' : product.audience === 'women' ? 'womens' : product.audience === 'men' ? 'mens' : 'unisex') + 'Shoes'];
  if (product.role === 'socks') return kids ? ['27-30', '31-34'] : ['35-38', '39-42', '43-46'];
  if (['Bags', 'Accessories', 'Hats'].includes(product.department)) return ['One size'];
  if (kids) return sizesOf.kids;
  if (product.category === 'Jeans') return product.audience === 'men' ? sizesOf.mensJeans : sizesOf.jeans;
  return product.audience === 'men' ? sizesOf.men : sizesOf.women;
}

function pickPrint(random, prints) {
  const names = Object.keys(prints);
  return names[random.weighted(names.map((name) => prints[name]))];
}

function pickBrand(random, audience, style) {
  const kids = audience === 'kids' || audience === 'girls';
  return random.pick(brands.filter((brand) => (kids ? brand.kids : brand.styles.includes(style))));
}

const tierFactor = [0, 0.72, 1, 1.65];

function price(random, base, tier) {
  const raw = base * tierFactor[tier] * random.between(0.88, 1.14);
  const whole = raw < 25 ? Math.round(raw) : raw < 80 ? Math.round(raw) : Math.round(raw / 5) * 5;
  return Math.max(whole, 5) * 100 - (tier === 3 ? 0 : tier === 2 ? 10 : 5);  // cents
}

// The colours of a design: the wanted ones first, then those that designs of the same kind have least.
function leastUsed(random, wanted, pool, used) {
  const rest = random.shuffled(pool.filter((name) => !wanted.includes(name)));
  rest.sort((a, b) => (used.get(a) ?? 0) - (used.get(b) ?? 0));
  return [...wanted, ...rest];
}

// Bold bands and gingham do not suit tailoring.
function suitableVariant(silhouette, print, variant) {
  const tailored = ['blazer', 'coat', 'chinos', 'jumpsuit', 'pencil-skirt', 'sheath-dress'].includes(silhouette);
  if (tailored && print === 'stripe') return 1;
  if (tailored && print === 'check' && variant === 1) return 2;
  return variant;
}

function palette(type, weave, style) {
  if (weave === 'denim') return denimColours;
  if (type.audience === 'men' && ['Trousers', 'Shorts', 'Blazers', 'Coats'].includes(type.category)) {
    return soberColours.slice(0, type.category === 'Coats' ? 6 : type.category === 'Blazers' ? 8 : 10);
  }
  return type.category === 'Coats' ? coatColours : styleColours[style];
}

function garmentDesigns(random) {
  const designs = [];
  const usedColours = new Map();  // by kind of garment and print
  for (const type of garmentTypes) {
    for (let i = 0; i < type.designs; i++) {
      const choose = (field, salt = 0) => (type[field] ? type[field][(i + salt + random.below(2)) % type[field].length] : '');
      const style = type.styles[i % type.styles.length];
      const print = pickPrint(random, type.prints);
      const weave = print === 'plain' || type.weave[0] !== 'knit' ? random.pick(type.weave) : 'knit';
      const look = {
        silhouette: type.silhouette, audience: type.audience === 'girls' ? 'kids' : type.audience,
        print, printVariant: suitableVariant(type.silhouette, print, random.below(3)), weave: weave === 'cable' && print !== 'plain' ? 'knit' : weave,
        neckline: choose('neckline'), sleeve: choose('sleeve', 1), length: choose('length'), fit: choose('fit'), detail: choose('detail', 2),
      };
      if (type.category === 'Shirts' && style === 'classic' && print === 'floral') look.print = 'stripe';
      const brand = pickBrand(random, type.audience, style);
      const pool = palette(type, weave, style);
      const dress = type.role === 'onepiece' && type.audience === 'women';
      const kind = `${type.audience} ${type.silhouette} ${type.category} ${look.print} ${look.weave === 'denim' ? 'denim' : ''}`;
      if (!usedColours.has(kind)) usedColours.set(kind, new Map());
      const used = usedColours.get(kind);
      const wanted = dress && i % 2 === 0 && pool.includes('Red') ? ['Red'] : [];
      const names = leastUsed(random, wanted, pool, used).slice(0, 2 + random.below(dress ? 3 : 2));
      for (const name of names) used.set(name, (used.get(name) ?? 0) + 1);
      designs.push({
        type, look, brand, style, colours: names, audience: type.audience, department: type.department, category: type.category, noun: type.noun,
        plural: !!type.plural, role: type.role, season: type.season ?? 'all', material: random.pick(type.material), cents: price(random, type.price, brand.tier),
      });
    }
  }
  return designs;
}

function shapeDesigns(random) {
  const designs = [];
  for (const shape of shapes) {
    if (!shape.sold) continue;
    // Each colour of a shape is used by one design only.
    const free = random.shuffled(shape.only ?? colours.map((colour) => colour.name));
    for (const sold of shape.sold) {
      const fitting = free.filter((name) => styleColours[sold.style].includes(name));
      const other = free.filter((name) => !fitting.includes(name));
      const names = [...fitting, ...other].slice(0, sold.count);
      for (const name of names) free.splice(free.indexOf(name), 1);
      const brand = pickBrand(random, sold.audience, sold.style);
      const category = shape.noun.replace(/^.* (?=\S+$)/, '');
      designs.push({
        shape, brand, style: sold.style, colours: names, audience: sold.audience, department: shape.department,
        category: shapeCategory(shape, category), noun: shape.noun, plural: shape.noun.endsWith('s') && !shape.noun.endsWith('ss'), role: shape.role,
        season: shape.season, material: shape.material, cents: price(random, sold.audience === 'kids' || sold.audience === 'girls' ? shape.price * 0.55 : shape.price, brand.tier),
      });
    }
  }
  return designs;
}

function shapeCategory(shape, lastWord) {
  const names = {
    robe: 'Robes', dress: 'Dresses', bikini: 'Swimwear', swimsuit: 'Swimwear', briefs: 'Swimwear', socks: 'Socks', shoes: shape.name === 'running-shoe' ? 'Sneakers' : 'Lace-ups', boots: 'Boots', flats: 'Flats',
    heels: 'Heels', mules: 'Sandals', slippers: 'Flats', 'flip-flops': 'Sandals', cap: 'Caps', hat: 'Hats', bow: 'Hats', scarf: 'Scarves', gloves: 'Gloves', glasses: 'Eyewear',
    sunglasses: 'Eyewear', goggles: 'Eyewear', watch: 'Watches', ring: 'Jewellery', necklace: 'Jewellery', umbrella: 'Umbrellas', backpack: 'Backpacks', handbag: 'Handbags', purse: 'Small bags', clutch: 'Small bags',
  };
  return names[lastWord] ?? lastWord;
}

export const CURRENCY = 'EUR';
// Days of the simulation; a product launched on day d cannot be seen before it.
export const DAYS = 120;

// Products in catalogue order; deterministic in seed.
export function makeProducts(seed) {
  const random = new Random(seed, 'catalogue');
  const designs = [...garmentDesigns(random), ...shapeDesigns(random)];
  const products = [];
  designs.forEach((design, number) => {
    const group = 'd' + String(1001 + number);
    const launch = random.chance(0.09) ? 30 + random.below(78) : 0;
    const sale = random.chance(0.16) ? random.pick([20, 30, 30, 50]) : 0;
    for (const colour of design.colours) {
      const id = `${group}-${colour.toLowerCase().replaceAll(' ', '-')}`;
      const own = new Random(seed, 'product', id);
      const onSale = sale && own.chance(0.7);
      const cents = onSale ? Math.round((design.cents * (100 - sale)) / 100 / 10) * 10 - 1 : design.cents;
      const product = {
        ...design, id, group, colour, launch, tier: design.brand.tier, cents, originalCents: onSale ? design.cents : cents,
        look: design.look ? { ...design.look, colour } : null,
        availability: own.chance(0.045) ? 'out_of_stock' : own.chance(0.01) ? 'preorder' : 'in_stock',
        image: `images/${id}.jpg`,
      };
      const range = sizeRange(product);
      product.sizes = range.length === 1 ? range : range.filter(() => own.chance(0.86));
      if (product.sizes.length === 0) product.sizes = [range[0]];
      product.title = title(product);
      product.description = description(product, own);
      products.push(product);
    }
  });
  return products;
}

const decimal = (cents) => (cents / 100).toFixed(2);
const look = (name) => (product) => product.look?.[name] ?? '';

export function catalogueCsv(products) {
  return toCsv([
    ['id', (p) => p.id], ['group_id', (p) => p.group], ['title', (p) => p.title], ['description', (p) => p.description],
    ['audience', (p) => p.audience], ['colour', (p) => p.colour], ['department', (p) => p.department],
    ['category', (p) => `${['Shoes', 'Bags', 'Hats', 'Accessories'].includes(p.department) ? p.department : 'Apparel > ' + p.department} > ${p.category}`],
    ['brand', (p) => p.brand.name], ['price', (p) => decimal(p.cents)], ['original_price', (p) => decimal(p.originalCents)], ['currency', () => CURRENCY],
    ['availability', (p) => p.availability], ['images', (p) => p.image], ['url', (p) => `product.html?id=${p.id}`], ['sizes', (p) => p.sizes.join('|')],
    ['pattern', look('print')], ['neckline', look('neckline')], ['sleeve', look('sleeve')], ['length', look('length')], ['fit', look('fit')],
    ['material', (p) => p.material], ['season', (p) => p.season], ['occasion', (p) => p.style],
  ], products);
}
