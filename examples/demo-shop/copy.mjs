// Titles and descriptions, put together from a product's attributes.

const printWords = {
  plain: ['', '', ''],
  stripe: ['striped', 'pinstriped', 'block-striped'],
  check: ['tartan', 'gingham', 'windowpane-check'],
  dot: ['dotted', 'pin-dot', 'polka-dot'],
  floral: ['floral', 'ditsy-floral', 'large-floral'],
};

export function printWord(look) {
  return printWords[look.print][look.printVariant];
}

const necklineWords = {
  crew: 'a crew neck', v: 'a V-neck', scoop: 'a scoop neck', boat: 'a boat neck', square: 'a square neck', bow: 'a bow at the neck',
  turtleneck: 'a roll neck', sweetheart: 'a sweetheart neck', shirt: 'a shirt collar', wrap: 'a wrapped front', lapel: 'notched lapels', hood: 'a lined hood', high: 'a high collar',
};
const sleeveWords = {
  sleeveless: 'no sleeves', short: 'short sleeves', long: 'long sleeves', 'three-quarter': 'three-quarter sleeves', elbow: 'elbow sleeves',
  cap: 'cap sleeves', puff: 'puff sleeves', bell: 'bell sleeves', balloon: 'balloon sleeves',
};
const lengthWords = {
  mini: 'ends above the knee', knee: 'ends at the knee', midi: 'falls to mid-calf', maxi: 'falls to the ankle', full: 'is cut full length', ankle: 'stops at the ankle',
  shorts: 'ends just above the knee', 'short-shorts': 'is cut short', cropped: 'is cropped at the waist', long: 'is cut long', short: 'ends at the hip', regular: 'ends at the hip',
};
const detailWords = {
  pocket: 'a chest pocket', 'two-pockets': 'two flap pockets', belt: 'a slim contrast belt', 'bow-belt': 'a belt to tie', zip: 'a full-length zip', tiered: 'two gathered tiers', trench: 'a storm belt and two rows of buttons',
  wrap: 'a tie belt', 'single-breasted': 'a single row of buttons', 'double-breasted': 'two rows of buttons', quilted: 'a quilted body', slit: 'a small slit at the hem', buttons: 'horn-look buttons down the front',
  pockets: 'two patch pockets', rolled: 'turned-up hems', pleats: 'pleats at the waist', 'side-stripe': 'a stripe down each side', mesh: 'breathable side panels', casual: 'a washed finish',
};
const wearWords = {
  casual: ['easy days and weekends', 'the everyday'],
  classic: ['the office and after', 'long working days'],
  sporty: ['training and travel', 'anything that moves'],
  romantic: ['garden parties and first dates', 'slow summer evenings'],
  street: ['the city', 'concerts and corner cafés'],
  evening: ['dinners and dressed-up nights', 'the opera and the bar after it'],
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);
const article = (text) => (/^[aeiou]/i.test(text) ? 'an ' : 'a ') + text;

// What distinguishes a design in its title beside colour and print, or ''.
function adjective(product) {
  const { look, type } = product;
  if (!look) return '';
  const { silhouette, detail, neckline, sleeve, length, fit, weave } = look;
  if (silhouette === 'sweater') return weave === 'cable' ? 'cable-knit' : neckline === 'turtleneck' ? 'roll-neck' : neckline === 'v' ? 'V-neck' : fit === 'relaxed' ? 'relaxed' : '';
  if (silhouette === 't-shirt') return neckline === 'v' ? 'V-neck' : neckline === 'boat' ? 'boat-neck' : sleeve === 'long' ? 'long-sleeved' : detail === 'pocket' ? 'pocket' : '';
  if (silhouette === 'blouse') return neckline === 'bow' ? 'pussy-bow' : `${sleeve === 'three-quarter' || sleeve === 'long' ? (neckline === 'v' ? 'V-neck' : '') : sleeve + '-sleeve'}`;
  if (silhouette === 'shirt') return sleeve === 'short' ? 'short-sleeved' : '';
  if (silhouette === 'coat') return detail === 'trench' ? 'trench' : detail === 'wrap' ? 'wrap' : '';
  if (silhouette === 'blazer') return detail === 'double-breasted' ? 'double-breasted' : '';
  if (silhouette === 'hoodie') return detail === 'zip' ? 'zip' : '';
  if (silhouette === 'cardigan') return [length === 'long' ? 'long' : '', weave === 'cable' ? 'cable-knit' : neckline === 'v' ? 'V-neck' : ''].filter(Boolean).join(' ');
  if (silhouette === 'maxi-dress') return detail === 'tiered' ? 'tiered' : neckline === 'sweetheart' ? 'sweetheart' : sleeve === 'sleeveless' ? 'sleeveless' : '';
  if (silhouette === 'jeans' && type.noun === 'jeans') return fit;
  if (silhouette === 'chinos' && length !== 'shorts' && length !== 'short-shorts') return fit === 'wide' ? 'wide-leg' : fit === 'flared' ? 'flared' : fit === 'slim' ? 'slim' : fit === 'tapered' ? 'tapered' : detail === 'pleats' ? 'pleated' : '';
  if (silhouette === 'pleated-skirt' || silhouette === 'pencil-skirt') return length === 'midi' ? 'midi' : '';
  if (silhouette === 'bomber') return detail === 'quilted' ? 'quilted' : '';
  if (silhouette.endsWith('dress') && look.audience === 'women') {
    const neck = { boat: 'boat-neck', v: 'V-neck', scoop: 'scoop-neck', square: 'square-neck', sweetheart: 'sweetheart' }[neckline] ?? '';
    return [length === 'knee' ? '' : length, silhouette === 'wrap-dress' ? '' : neck || (sleeve === 'sleeveless' ? 'sleeveless' : '')].filter(Boolean).join(' ');
  }
  return '';
}

export function title(product) {
  const print = product.look ? printWord(product.look) : '';
  return [product.colour, print, adjective(product), product.noun].filter(Boolean).join(' ');
}

export function description(product, random) {
  const { look, noun, plural, material, style } = product;
  const it = plural ? 'They' : 'It';
  const wear = random.pick(wearWords[style]);
  if (!look) {
    return `${capital(product.colour.toLowerCase())} ${noun} in ${material}, finished by hand. ` +
      `${random.pick(['A small thing that pulls an outfit together', 'Made to be used for years', 'Light, sturdy and easy to combine'])}. For ${wear}.`;
  }
  const print = printWord(look);
  const these = plural ? `These ${noun} are` : `This ${noun} is`;
  const first = `${these} cut from ${material}${print ? ` with ${article(print.replace('striped', 'stripe').replace('dotted', 'dot'))} print` : ''} in ${product.colour.toLowerCase()}.`;
  const traits = [look.neckline && necklineWords[look.neckline],
    look.sleeve && look.sleeve !== 'sleeveless' && sleeveWords[look.sleeve], look.detail && detailWords[look.detail]].filter(Boolean);
  const has = traits.length ? `${plural ? 'have' : 'has'} ${traits.join(', ').replace(/, ([^,]*)$/, ' and $1')}` : '';
  let ends = look.length ? lengthWords[look.length] : '';
  if (plural) ends = ends.replace(/^is cut/, 'are cut').replace(/^ends/, 'end').replace(/^stops/, 'stop');
  const second = has || ends ? `${it} ${[has, ends].filter(Boolean).join(has && ends ? ' and ' : '')}${look.fit === 'relaxed' ? ', with a relaxed fit' : ''}.` : '';
  return [first, second, `For ${wear}.`].filter(Boolean).join(' ');
}
