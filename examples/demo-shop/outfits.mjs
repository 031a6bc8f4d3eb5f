// Which products go together: the truth that the shoppers of the simulation act on.
import { coloursHarmonise } from './palette.mjs';
import { Random } from './random.mjs';

// What completes an outfit that starts with a piece of this role. `maybe` adds one of several.
const recipes = {
  top: { roles: ['bottom', 'shoes'], maybe: ['outer', 'bag', 'accessory', 'hat'] },
  bottom: { roles: ['top', 'shoes'], maybe: ['outer', 'bag', 'accessory'] },
  onepiece: { roles: ['shoes', 'bag'], maybe: ['outer', 'accessory', 'hat'] },
  outer: { roles: ['top', 'bottom'], maybe: ['shoes', 'accessory'] },
  shoes: { roles: ['bottom', 'top'], maybe: ['bag', 'socks'] },
  bag: { roles: ['onepiece', 'shoes'], maybe: ['accessory'] },
  hat: { roles: ['top', 'bottom'], maybe: ['accessory'] },
  accessory: { roles: ['outer', 'top'], maybe: ['bag'] },
  swim: { roles: ['shoes', 'hat'], maybe: ['accessory'] },
  socks: { roles: ['shoes', 'bottom'], maybe: ['top'] },
};

const neighbours = {
  casual: ['street', 'sporty', 'romantic'], classic: ['evening', 'casual'], sporty: ['street', 'casual'], romantic: ['casual', 'evening'],
  street: ['casual', 'sporty'], evening: ['classic', 'romantic'],
};

const fits = {
  women: ['women', 'unisex'], men: ['men', 'unisex'], kids: ['kids'], girls: ['girls', 'kids'], unisex: ['women', 'men', 'unisex'],
};

export function audiencesFit(a, b) {
  return fits[a].includes(b) || fits[b].includes(a);
}

// Outfits: lists of product indices; every product is in at least one.
export function makeOutfits(products, seed) {
  const random = new Random(seed, 'outfits');
  const used = new Array(products.length).fill(0);
  const byRole = {};
  products.forEach((product, index) => (byRole[product.role] ??= []).push(index));

  const partner = (members, role) => {
    let best = -1;
    let bestScore = 0;
    for (const index of byRole[role] ?? []) {
      const candidate = products[index];
      let score = random.between(0.6, 1.4) / (1 + used[index] * used[index]);
      for (const member of members) {
        const other = products[member];
        if (other.group === candidate.group || !audiencesFit(other.audience, candidate.audience)) score = 0;
        else {
          if (other.style !== candidate.style) score *= neighbours[other.style].includes(candidate.style) ? 0.3 : 0.03;
          if (!coloursHarmonise(other.colour, candidate.colour)) score *= 0.08;
          if (other.season !== candidate.season && other.season !== 'all' && candidate.season !== 'all') score *= 0.1;
          if (other.look && candidate.look && other.look.print !== 'plain' && candidate.look.print !== 'plain') score *= 0.25;
          score *= other.tier === candidate.tier ? 1 : 0.7;
        }
      }
      if (score > bestScore) [best, bestScore] = [index, score];
    }
    return best;
  };

  const outfits = [];
  const order = ['onepiece', 'top', 'bottom', 'outer', 'swim', 'shoes', 'bag', 'hat', 'accessory', 'socks'];
  for (const role of order) {
    for (const seedIndex of random.shuffled(byRole[role] ?? [])) {
      if (used[seedIndex] > 0) continue;
      let recipe = recipes[role];
      if (role === 'shoes' && ['evening', 'romantic'].includes(products[seedIndex].style) && products[seedIndex].audience === 'women') {
        recipe = { roles: ['onepiece'], maybe: ['bag', 'accessory'] };
      }
      if (role === 'bag' && products[seedIndex].audience !== 'women') recipe = { roles: ['top', 'bottom'], maybe: ['hat'] };
      const members = [seedIndex];
      for (const wanted of [...recipe.roles, random.pick(recipe.maybe)]) {
        const index = partner(members, wanted);
        if (index >= 0) members.push(index);
      }
      if (members.length < 2) continue;
      for (const member of members) used[member]++;
      outfits.push(members);
    }
  }
  return outfits;
}

// For each product the others it goes with: all that share an outfit, ascending.
export function complementsOf(products, outfits) {
  const sets = products.map(() => new Set());
  for (const outfit of outfits) {
    for (const a of outfit) for (const b of outfit) if (a !== b) sets[a].add(b);
  }
  return sets.map((set) => [...set].sort((a, b) => a - b));
}
