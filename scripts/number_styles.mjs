// Prints how prices are written in many languages, from the tables that this Node has (Unicode CLDR): what
// indexer/publish/number_styles.tsv holds.
//
//   node scripts/number_styles.mjs > indexer/publish/number_styles.tsv
//
// A row: locales; what stands before and behind a price, the symbol as ¤; between groups of digits and before
// the decimals; how many decimals; from how many digits on they are grouped (Spanish: 1234,56 € but
// 12.345,67 €); how many digits a group above the thousands has (India: 2); the currencies, each before its
// symbol. Left out are languages that are written with other digits than 0 to 9, and those that write prices
// and other numbers with other separators.
const LOCALES = ("bg ca cs da de de-AT de-CH de-DE el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG en-US en-ZA es es-AR es-CL es-CO es-ES " +
  "es-MX es-PE es-US et fi fr fr-BE fr-CA fr-CH fr-FR he hi hr hu id it it-CH it-IT ja ja-JP ko ko-KR lt lv ms nb nl nl-BE nl-NL pl pl-PL " +
  "pt pt-BR pt-PT ro ru sk sl sr sv sv-SE th tr tr-TR uk vi zh zh-CN zh-HK zh-TW").split(" ");
const CURRENCIES = ("AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR JPY KRW MAD MXN MYR NOK NZD " +
  "PEN PHP PLN RON RSD RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR").split(" ");

function styleOf(locale, currency) {
  const format = new Intl.NumberFormat(locale, {style: "currency", currency});
  const parts = format.formatToParts(123456789012.34);
  const isDigits = ({type}) => ["integer", "group", "decimal", "fraction"].includes(type);
  const first = parts.findIndex(isDigits);
  const last = parts.findLastIndex(isDigits);
  const shown = (list) => list.map(({type, value}) => type === "currency" ? "¤" : value).join("");
  const of = (type) => parts.find((part) => part.type === type)?.value ?? "";
  const groups = parts.filter(({type}) => type === "integer");
  // Plain numbers are written with the same separators, or not at all by this style (Austria).
  const plain = new Intl.NumberFormat(locale).formatToParts(1234567.8).filter(({type}) => ["group", "decimal"].includes(type)).map(({value}) => value);
  if (plain[0] !== of("group") || ![plain.at(-1), ""].includes(of("decimal"))) return undefined;
  return {
    symbol: of("currency"),
    style: [shown(parts.slice(0, first)), shown(parts.slice(last + 1)), plain[0], plain.at(-1), of("fraction").length,
      format.formatToParts(1234.56).some(({type}) => type === "group") ? 4 : 5, groups.at(-2).value.length].join("\t"),
  };
}

const localesOf = new Map();  // of each row's rest
for (const locale of LOCALES) {
  if (/[^\d.,\s’']/.test(new Intl.NumberFormat(locale).format(1234567.8))) continue;
  const alike = new Map();
  for (const currency of CURRENCIES) {
    const found = styleOf(locale, currency);
    if (!found) continue;
    const {symbol, style} = found;
    if (symbol.includes(" ")) throw new Error(`a symbol with a space: ${locale} ${currency} ${symbol}`);
    alike.set(style, [...(alike.get(style) ?? []), `${currency} ${symbol}`]);
  }
  for (const [style, currencies] of alike) {
    const rest = `${style}\t${currencies.join(" ")}`;
    localesOf.set(rest, [...(localesOf.get(rest) ?? []), locale]);
  }
}
for (const [rest, locales] of localesOf) console.log(`${locales.join(" ")}\t${rest}`);
