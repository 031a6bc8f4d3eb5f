// The silhouettes of garments by name. A look says which variant: {audience, neckline, sleeve, length,
// fit, detail}.
import { tee, tank, shirt, polo, blouse, sweater, hoodie, cardigan } from './tops.mjs';
import { blazer, coat, bomber, puffer, trucker } from './outerwear.mjs';
import { alineDress, sheathDress, wrapDress, maxiDress, jumpsuit } from './dresses.mjs';
import { alineSkirt, pencilSkirt, pleatedSkirt, jeans, chinos, joggers, leggings } from './bottoms.mjs';
import { makeFabric } from './fabric.mjs';
import { Sketch } from './sketch.mjs';

const silhouettes = {
  't-shirt': tee, tank, shirt, polo, blouse, sweater, hoodie, cardigan, blazer, coat, bomber, puffer, trucker,
  'a-line-dress': alineDress, 'sheath-dress': sheathDress, 'wrap-dress': wrapDress, 'maxi-dress': maxiDress, jumpsuit,
  'a-line-skirt': alineSkirt, 'pencil-skirt': pencilSkirt, 'pleated-skirt': pleatedSkirt,
  jeans, chinos, joggers, leggings,
};

export const silhouetteNames = Object.keys(silhouettes);

// The picture of one garment as SVG text. look: {silhouette, audience, colour, print, printVariant,
// weave, neckline, sleeve, length, fit, detail}. random decides only how folds fall.
export function drawGarment(look, random) {
  const fabric = makeFabric({ colour: look.colour, print: look.print, variant: look.printVariant, weave: look.weave, random });
  const sketch = new Sketch(fabric, random, look.audience === 'kids' ? 0.88 : look.silhouette.endsWith('skirt') ? 0.9 : 1);
  silhouettes[look.silhouette](sketch, look);
  return sketch.toSvg();
}
