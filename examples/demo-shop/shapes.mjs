// The forty wearable shapes of Microsoft Fluent Emoji (MIT, through @lobehub/fluent-emoji-3d) and
// what the demo shop makes of them. Shapes without `sold` duplicate a silhouette that we draw.

// sold: designs of this shape. Each takes `count` colours of its own, so that no two products of
// one shape look alike. view: single | pair (a second one behind the first).
// material_hue: which part changes colour, where the most common hue is not the right one: OKLab hue
// in degrees, how far around it, and how much of the greys belong to it.
// only: the colours that suit the shape.
export const shapes = [
  { name: 't-shirt', file: '1f455', department: 'Tops' },
  { name: 'shirt-and-tie', file: '1f454', department: 'Tops' },
  { name: 'running-shirt', file: '1f3bd', department: 'Tops' },
  { name: 'lab-coat', file: '1f97c', department: 'Outerwear' },
  { name: 'coat', file: '1f9e5', department: 'Outerwear' },
  { name: 'safety-vest', file: '1f9ba', department: 'Outerwear' },
  { name: 'dress', file: '1f457', department: 'Dresses' },
  { name: 'kimono', file: '1f458', department: 'Dresses', role: 'onepiece', season: 'all', price: 95,
    noun: 'kimono robe', material: 'printed viscose', sold: [{ audience: 'women', style: 'romantic', count: 5 }] },
  { name: 'sari', file: '1f97b', department: 'Dresses', role: 'onepiece', season: 'summer', price: 140,
    noun: 'draped dress', material: 'light silk', sold: [{ audience: 'women', style: 'evening', count: 4 }] },
  { name: 'jeans', file: '1f456', department: 'Bottoms' },
  { name: 'shorts', file: '1fa73', department: 'Bottoms' },
  { name: 'bikini', file: '1f459', department: 'Swim & underwear', role: 'swim', season: 'summer', price: 36,
    noun: 'dotted bikini', material: 'recycled polyamide', sold: [{ audience: 'women', style: 'casual', count: 6 }] },
  { name: 'one-piece-swimsuit', file: '1fa71', department: 'Swim & underwear', role: 'swim', season: 'summer', price: 44,
    noun: 'swimsuit', material: 'recycled polyamide', sold: [{ audience: 'women', style: 'sporty', count: 6 }] },
  { name: 'briefs', file: '1fa72', department: 'Swim & underwear', role: 'swim', season: 'summer', price: 24,
    noun: 'swim briefs', material: 'quick-drying polyamide', sold: [{ audience: 'men', style: 'sporty', count: 5 }] },
  { name: 'socks', file: '1f9e6', department: 'Swim & underwear', role: 'socks', season: 'all', price: 7, noun: 'ribbed socks',
    material: 'combed cotton', sold: [
      { audience: 'unisex', style: 'casual', count: 5 }, { audience: 'kids', style: 'casual', count: 4 }] },
  { name: 'mans-shoe', file: '1f45e', department: 'Shoes', role: 'shoes', season: 'all', price: 110, noun: 'lace-up shoes',
    only: ['Brown', 'Black', 'Burgundy', 'Navy', 'Beige', 'Grey', 'Olive', 'White'],
    material: 'polished leather', view: 'pair', sold: [
      { audience: 'men', style: 'classic', count: 5 }, { audience: 'men', style: 'evening', count: 3 }] },
  { name: 'running-shoe', file: '1f45f', department: 'Shoes', role: 'shoes', season: 'all', price: 85, noun: 'running shoes',
    material: 'breathable mesh', view: 'pair', sold: [
      { audience: 'women', style: 'sporty', count: 4 }, { audience: 'men', style: 'sporty', count: 4 },
      { audience: 'kids', style: 'sporty', count: 4 }, { audience: 'unisex', style: 'street', count: 4 }] },
  { name: 'hiking-boot', file: '1f97e', department: 'Shoes', role: 'shoes', season: 'winter', price: 125, noun: 'lace-up boots',
    material: 'waxed nubuck', view: 'pair', sold: [
      { audience: 'men', style: 'street', count: 4 }, { audience: 'women', style: 'street', count: 4 },
      { audience: 'kids', style: 'casual', count: 3 }, { audience: 'men', style: 'casual', count: 4 }] },
  { name: 'flat-shoe', file: '1f97f', department: 'Shoes', role: 'shoes', season: 'all', price: 62, noun: 'ballerina flats',
    material: 'soft nappa', view: 'pair', sold: [
      { audience: 'women', style: 'classic', count: 6 }, { audience: 'women', style: 'casual', count: 5 },
      { audience: 'girls', style: 'casual', count: 3 }] },
  { name: 'high-heel', file: '1f460', department: 'Shoes', role: 'shoes', season: 'all', price: 98, noun: 'high heels',
    material: 'patent leather', view: 'pair', sold: [
      { audience: 'women', style: 'evening', count: 8 }, { audience: 'women', style: 'classic', count: 4 }] },
  { name: 'sandal-heel', file: '1f461', department: 'Shoes', role: 'shoes', season: 'summer', price: 72, noun: 'heeled mules',
    material: 'smooth leather', view: 'pair', sold: [
      { audience: 'women', style: 'romantic', count: 6 }, { audience: 'women', style: 'evening', count: 5 }] },
  { name: 'womans-boot', file: '1f462', department: 'Shoes', role: 'shoes', season: 'winter', price: 120, noun: 'ankle boots',
    material: 'smooth leather', view: 'pair', sold: [
      { audience: 'women', style: 'romantic', count: 5 }, { audience: 'women', style: 'casual', count: 5 }] },
  { name: 'ballet-shoes', file: '1fa70', department: 'Shoes', role: 'shoes', season: 'all', price: 38, noun: 'ballet slippers',
    material: 'satin', sold: [{ audience: 'girls', style: 'romantic', count: 4 }, { audience: 'women', style: 'romantic', count: 4 }] },
  { name: 'thong-sandal', file: '1fa74', department: 'Shoes', role: 'shoes', season: 'summer', price: 18, noun: 'flip-flops',
    material: 'natural rubber', view: 'pair', sold: [
      { audience: 'unisex', style: 'casual', count: 6 }, { audience: 'kids', style: 'casual', count: 4 }] },
  { name: 'billed-cap', file: '1f9e2', department: 'Hats', role: 'hat', season: 'all', price: 22, noun: 'baseball cap',
    material: 'washed cotton', sold: [
      { audience: 'unisex', style: 'street', count: 6 }, { audience: 'unisex', style: 'sporty', count: 4 },
      { audience: 'kids', style: 'street', count: 4 }] },
  { name: 'top-hat', file: '1f3a9', department: 'Hats', role: 'hat', season: 'all', price: 88, noun: 'top hat', only: ['Black', 'Grey', 'Burgundy', 'Navy'],
    material: 'wool felt', sold: [{ audience: 'men', style: 'evening', count: 3 }] },
  { name: 'sun-hat', file: '1f452', department: 'Hats', role: 'hat', season: 'summer', price: 34, noun: 'sun hat with bow', material_hue: { centre: 14, spread: 16, grey: 0 },
    material: 'woven straw', sold: [{ audience: 'women', style: 'romantic', count: 7 }, { audience: 'girls', style: 'romantic', count: 3 }] },
  { name: 'scarf', file: '1f9e3', department: 'Accessories', role: 'accessory', season: 'winter', price: 39, noun: 'fringed scarf',
    material: 'lambswool', sold: [{ audience: 'unisex', style: 'classic', count: 8 }, { audience: 'unisex', style: 'casual', count: 5 }] },
  { name: 'gloves', file: '1f9e4', department: 'Accessories', role: 'accessory', season: 'winter', price: 25, noun: 'knitted gloves',
    material: 'wool blend', sold: [{ audience: 'unisex', style: 'casual', count: 7 }, { audience: 'kids', style: 'casual', count: 4 }] },
  { name: 'glasses', file: '1f453', department: 'Accessories', role: 'accessory', season: 'all', price: 75, noun: 'reading glasses',
    material: 'acetate', sold: [{ audience: 'unisex', style: 'classic', count: 4 }] },
  { name: 'sunglasses', file: '1f576-fe0f', department: 'Accessories', role: 'accessory', season: 'summer', price: 58, noun: 'sunglasses',
    material: 'acetate', sold: [{ audience: 'women', style: 'evening', count: 4 }, { audience: 'unisex', style: 'street', count: 5 }] },
  { name: 'goggles', file: '1f97d', department: 'Accessories', role: 'accessory', season: 'winter', price: 64, noun: 'ski goggles',
    material: 'impact-proof lens', sold: [{ audience: 'unisex', style: 'sporty', count: 5 }] },
  { name: 'watch', file: '231a', department: 'Accessories', role: 'accessory', season: 'all', price: 135, noun: 'wrist watch',
    material: 'steel and leather', sold: [{ audience: 'men', style: 'classic', count: 4 }, { audience: 'women', style: 'classic', count: 4 }] },
  { name: 'ring', file: '1f48d', department: 'Accessories', role: 'accessory', season: 'all', price: 160, noun: 'gemstone ring', material_hue: { centre: 240, spread: 40, grey: 0 },
    material: 'silver', sold: [{ audience: 'women', style: 'evening', count: 6 }] },
  { name: 'beads', file: '1f4ff', department: 'Accessories', role: 'accessory', season: 'all', price: 32, noun: 'bead necklace',
    material: 'turned wood', sold: [{ audience: 'women', style: 'romantic', count: 6 }] },
  { name: 'umbrella', file: '1f302', department: 'Accessories', role: 'accessory', season: 'all', price: 28, noun: 'folding umbrella',
    material: 'water-repellent polyester', sold: [{ audience: 'unisex', style: 'classic', count: 7 }] },
  { name: 'backpack', file: '1f392', department: 'Bags', role: 'bag', season: 'all', price: 55, noun: 'backpack',
    material: 'ripstop nylon', sold: [
      { audience: 'unisex', style: 'street', count: 5 }, { audience: 'unisex', style: 'sporty', count: 4 },
      { audience: 'kids', style: 'casual', count: 5 }] },
  { name: 'handbag', file: '1f45c', department: 'Bags', role: 'bag', season: 'all', price: 105, noun: 'handbag',
    material: 'grained leather', sold: [{ audience: 'women', style: 'classic', count: 7 }, { audience: 'women', style: 'casual', count: 5 }] },
  { name: 'purse', file: '1f45b', department: 'Bags', role: 'bag', season: 'all', price: 34, noun: 'clasp purse',
    material: 'soft leather', sold: [{ audience: 'women', style: 'romantic', count: 8 }] },
  { name: 'clutch', file: '1f45d', department: 'Bags', role: 'bag', season: 'all', price: 48, noun: 'zipped clutch',
    material: 'satin', sold: [{ audience: 'women', style: 'evening', count: 8 }] },
];
