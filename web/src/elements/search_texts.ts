// What <vitrine-search> says, in the languages of the package. A shop replaces any of it by the
// element's property `texts`.
export interface SearchTexts {
  label: string;
  placeholder: string;
  submit: string;
  clear: string;
  photo: string;
  drop: string;
  suggestions: string;
  results: string;
  /** {count} products. */
  found: string;
  nothing: string;
  instant: string;
  sharpening: string;
  done: string;
  offline: string;
  /** {size} of the model. */
  byMeaning: string;
  /** {percent} of the download. */
  loading: string;
  cancel: string;
  photoPrivate: string;
  photoUnread: string;
  removePhoto: string;
  crop: string;
  topLeft: string;
  bottomRight: string;
  usePart: string;
  filters: Record<"audience" | "department" | "colour", string>;
  any: string;
}

export const ENGLISH: SearchTexts = {
  label: "Search this shop", placeholder: "Search by words or photo", submit: "Search", clear: "Clear", photo: "Search by photo",
  drop: "Drop the photo here", suggestions: "Suggestions", results: "Results", found: "{count} products", nothing: "Nothing was found.",
  instant: "Found by its words.", sharpening: "Found by its words; looking closer …", done: "Found by words and look.",
  offline: "You are offline, or a file could not be fetched.", byMeaning: "Search by meaning ({size}, once)", loading: "Loading the model: {percent}",
  cancel: "Cancel", photoPrivate: "The photo stays on this device.", photoUnread: "This file cannot be read as a photo.",
  removePhoto: "Remove the photo", crop: "Part of the photo to look at", topLeft: "Top left corner: {x} from the left, {y} from the top",
  bottomRight: "Bottom right corner: {x} from the left, {y} from the top", usePart: "Search with this part",
  filters: {audience: "For", department: "Department", colour: "Colour"}, any: "All",
};

const LANGUAGES: Record<string, SearchTexts> = {
  de: {
    label: "In diesem Shop suchen", placeholder: "Mit Worten oder Foto suchen", submit: "Suchen", clear: "Leeren", photo: "Mit einem Foto suchen",
    drop: "Foto hier ablegen", suggestions: "Vorschläge", results: "Treffer", found: "{count} Produkte", nothing: "Nichts gefunden.",
    instant: "Nach Worten gefunden.", sharpening: "Nach Worten gefunden; es wird genauer gesucht …", done: "Nach Worten und Aussehen gefunden.",
    offline: "Sie sind offline, oder eine Datei war nicht abrufbar.", byMeaning: "Nach Bedeutung suchen ({size}, einmalig)", loading: "Modell wird geladen: {percent}",
    cancel: "Abbrechen", photoPrivate: "Das Foto bleibt auf diesem Gerät.", photoUnread: "Diese Datei ist als Foto nicht lesbar.",
    removePhoto: "Foto entfernen", crop: "Ausschnitt des Fotos", topLeft: "Ecke oben links: {x} von links, {y} von oben",
    bottomRight: "Ecke unten rechts: {x} von links, {y} von oben", usePart: "Mit diesem Ausschnitt suchen",
    filters: {audience: "Für", department: "Abteilung", colour: "Farbe"}, any: "Alle",
  },
  fr: {
    label: "Chercher dans la boutique", placeholder: "Chercher par mots ou par photo", submit: "Chercher", clear: "Effacer", photo: "Chercher par photo",
    drop: "Déposez la photo ici", suggestions: "Suggestions", results: "Résultats", found: "{count} articles", nothing: "Aucun résultat.",
    instant: "Trouvé par les mots.", sharpening: "Trouvé par les mots ; recherche plus fine en cours …", done: "Trouvé par les mots et l’apparence.",
    offline: "Vous êtes hors ligne, ou un fichier est indisponible.", byMeaning: "Chercher par le sens ({size}, une seule fois)", loading: "Chargement du modèle : {percent}",
    cancel: "Annuler", photoPrivate: "La photo reste sur cet appareil.", photoUnread: "Ce fichier n’est pas une photo lisible.",
    removePhoto: "Retirer la photo", crop: "Partie de la photo à regarder", topLeft: "Coin supérieur gauche : {x} de la gauche, {y} du haut",
    bottomRight: "Coin inférieur droit : {x} de la gauche, {y} du haut", usePart: "Chercher avec cette partie",
    filters: {audience: "Pour", department: "Rayon", colour: "Couleur"}, any: "Tous",
  },
  es: {
    label: "Buscar en la tienda", placeholder: "Buscar por palabras o foto", submit: "Buscar", clear: "Borrar", photo: "Buscar por foto",
    drop: "Suelta la foto aquí", suggestions: "Sugerencias", results: "Resultados", found: "{count} productos", nothing: "No se encontró nada.",
    instant: "Encontrado por las palabras.", sharpening: "Encontrado por las palabras; afinando …", done: "Encontrado por palabras y aspecto.",
    offline: "Sin conexión, o un archivo no está disponible.", byMeaning: "Buscar por significado ({size}, una vez)", loading: "Cargando el modelo: {percent}",
    cancel: "Cancelar", photoPrivate: "La foto no sale de este dispositivo.", photoUnread: "Este archivo no se puede leer como foto.",
    removePhoto: "Quitar la foto", crop: "Parte de la foto que se mira", topLeft: "Esquina superior izquierda: {x} desde la izquierda, {y} desde arriba",
    bottomRight: "Esquina inferior derecha: {x} desde la izquierda, {y} desde arriba", usePart: "Buscar con esta parte",
    filters: {audience: "Para", department: "Sección", colour: "Color"}, any: "Todo",
  },
  ar: {
    label: "ابحث في المتجر", placeholder: "ابحث بالكلمات أو بصورة", submit: "بحث", clear: "مسح", photo: "البحث بصورة",
    drop: "أفلت الصورة هنا", suggestions: "اقتراحات", results: "النتائج", found: "{count} منتجات", nothing: "لم يُعثر على شيء.",
    instant: "عُثر عليها بالكلمات.", sharpening: "عُثر عليها بالكلمات؛ جارٍ التدقيق …", done: "عُثر عليها بالكلمات والمظهر.",
    offline: "أنت غير متصل، أو تعذّر جلب ملف.", byMeaning: "البحث بالمعنى ({size}، مرة واحدة)", loading: "تحميل النموذج: {percent}",
    cancel: "إلغاء", photoPrivate: "تبقى الصورة على هذا الجهاز.", photoUnread: "تعذّرت قراءة هذا الملف كصورة.",
    removePhoto: "إزالة الصورة", crop: "الجزء المطلوب من الصورة", topLeft: "الزاوية العليا اليسرى: {x} من اليسار، {y} من الأعلى",
    bottomRight: "الزاوية السفلى اليمنى: {x} من اليسار، {y} من الأعلى", usePart: "البحث بهذا الجزء",
    filters: {audience: "لـ", department: "القسم", colour: "اللون"}, any: "الكل",
  },
};

export function searchTexts(locale: string, own: Partial<SearchTexts> = {}): SearchTexts {
  return {...ENGLISH, ...LANGUAGES[locale.split("-")[0]!.toLowerCase()], ...own};
}

/** Puts values in the place of {names}. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}
