#!/usr/bin/env python3
"""vitrine ingest against pandas: the same steps on the same catalogue and log of the source system's form.

  tests/bench/ingest_pandas.py [--rows 10000000] [--products 500000] [--vitrine build/vitrine] [--data DIR]

Catalogue and log are generated (seeded; kept in --data for the next run). Steps: read the catalogue, parse
the Python-literal prices and attributes of every product, pick current and original price; read the log,
filter by events and buttons, extract the distinct product ids of a cell by [a-fA-F0-9]{32,}, explode, keep ids of the catalogue,
map to kinds and weights, parse times, sort by user, session and time, make baskets of carts; write
products, events, baskets and distinct ids. Prints rows/s and peak memory of both, and their ratios.
Needs Debian's python3-pandas; without it only vitrine runs.
"""
import argparse, csv, os, random, subprocess, sys, tempfile, time

EVENTS = ['product_details_page_view'] * 6 + ['product_similar_items_clicking', 'button_click', 'button_click', 'app_open']
BUTTONS = ['', 'heart_button', 'bag_button', 'menu_button']
COLOURS = ['Red', 'Navy Blue', 'Black', 'Off White', 'Green', 'Pink', 'Grey Melange', 'Beige']


def product_id(number):
    return '%032x' % (number * 0x9e3779b97f4a7c15f39cc0605cedc835 % 2**128)


def generate_catalogue(path, products):
    rng = random.Random(2)
    with open(path, 'w', newline='') as out:
        writer = csv.writer(out)
        writer.writerow('_id,product_id,name,description,target_audience,department,category,colour,price,other_attributes,image_urls,brand'.split(','))
        for i in range(products):
            colour, price = COLOURS[rng.randrange(8)], rng.randrange(300, 9000)
            since = f'201{rng.randrange(10)}-0{rng.randrange(1, 10)}-1{rng.randrange(10)}T11:15:37.000000Z'
            prices = f"[{{'price': '{price}.00', 'currency': 'INR', 'original': True, 'valid_from': '{since}'}}"
            if i % 3 == 0:
                prices += f", {{'price': '{price * 2 // 3}.00', 'currency': 'INR', 'original': False, 'valid_from': '2020-01-01T00:00:00.000000Z'}}"
            images = str([f'https://img.example.test/{i}/{k}.jpg' for k in range(1 + i % 4)])
            attributes = (f"{{'product_id': '{product_id(i)}', 'sku': 'S{i}', 'url': 'https://shop.example.test/p/{i}', 'review_rating': "
                          f"{rng.randrange(10, 51) / 10}, 'review_count': {rng.randrange(300)}, 'colour': '{colour}', 'images': {images}, "
                          f"'measurements': {{'Size': ['S', 'M', 'L']}}, 'availability': 'In stock', 'care_instructions': None, 'neck': 'Round'}}")
            writer.writerow([f"ObjectId('{i:024x}')", product_id(i), f'Example {colour} dress {i}',
                             '<p>A dress of <b>cotton</b> &amp; silk, for warm evenings by the sea.</p>', 'Adults-Women', 'Dresses',
                             'Evening', f"['{colour}']", prices + ']', attributes, images, f'Brand {i % 300}'])


def generate_log(path, rows, products):
    rng = random.Random(1)
    ids = [product_id(i) for i in range(products)]
    with open(path, 'w') as out:
        out.write('user_id,session_id,event_name,button_name,timestamp,product_id,city\n')
        for i in range(rows):
            event = EVENTS[int(rng.random() * 10)]
            user = int(rng.random() ** 2 * 300000)
            button = BUTTONS[int(rng.random() * 4)] if event == 'button_click' else ''
            if rng.random() < .95:
                cell = ids[int(rng.random() ** 3 * products)]
            else:
                cell = '"[' + ', '.join("'%s'" % ids[int(rng.random() * products)] for _ in range(3)) + ']"'
            day, second = divmod(i // 4, 86400)
            out.write(f'user-{user:07d},s{user}-{i // 2000000},{event},{button},2020-{1 + day // 28 % 12:02d}-{1 + day % 28:02d} '
                      f'{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d},{cell},Cairo\n')


PANDAS = r'''
import ast, html, re, sys, pandas as pd
catalogue, log, out = sys.argv[1:4]
def prices(cell):
    entries = sorted(ast.literal_eval(cell), key=lambda price: price['valid_from'])
    original = [price['price'] for price in entries if price['original']]
    return entries[-1]['price'], original[-1] if original else '', entries[-1]['currency']
first, known = True, set()
for chunk in pd.read_csv(catalogue, dtype=str, chunksize=20000):
    chunk['price'], chunk['original_price'], chunk['currency'] = zip(*chunk.price.map(prices))
    attributes = pd.DataFrame(chunk.other_attributes.map(ast.literal_eval).tolist(), index=chunk.index)
    for column in ('sku', 'url', 'review_rating', 'review_count', 'availability', 'measurements', 'neck'):
        chunk[column] = attributes[column]
    chunk['description'] = chunk.description.map(lambda text: html.unescape(re.sub('<[^>]*>', ' ', text)))
    chunk['colour'] = chunk.colour.map(lambda text: ast.literal_eval(text)[0].lower())
    chunk['images'] = chunk.image_urls.map(lambda text: '|'.join(ast.literal_eval(text)))
    chunk['object_id'] = chunk._id.str.extract('([a-f0-9]{24})')
    known.update(chunk.product_id)
    chunk.drop(columns=['other_attributes', 'image_urls', '_id']).to_csv(out + '/products.csv', index=False, mode='w' if first else 'a', header=first)
    first = False
kinds = {'heart_button': 'wishlist', 'bag_button': 'cart', 'product_details_page_view': 'view', 'product_similar_items_clicking': 'click'}
columns = ['user_id', 'session_id', 'event_name', 'button_name', 'timestamp', 'product_id']
frames = []
for chunk in pd.read_csv(log, dtype=str, usecols=columns, chunksize=100000):
    keep = chunk.event_name.isin(['product_details_page_view', 'product_similar_items_clicking']) | \
           chunk.button_name.isin(['heart_button', 'bag_button'])
    chunk = chunk[keep].copy()
    chunk['item_id'] = chunk.product_id.str.findall('[a-fA-F0-9]{32,}').map(lambda ids: list(dict.fromkeys(ids)))
    chunk = chunk.explode('item_id').dropna(subset=['item_id'])
    chunk = chunk[chunk.item_id.isin(known)].copy()
    kind = chunk.button_name.map(kinds).fillna(chunk.event_name.map(kinds))
    chunk['kind'] = pd.Categorical(kind, categories=['view', 'click', 'wishlist', 'cart'])
    chunk['time'] = pd.to_datetime(chunk.timestamp, format='%Y-%m-%d %H:%M:%S')
    frames.append(chunk[['user_id', 'session_id', 'item_id', 'time', 'kind']])
df = pd.concat(frames, ignore_index=True)
del frames
df['weight'] = (df.kind.cat.codes + 1).astype('int8')
df = df.sort_values(['user_id', 'session_id', 'time'], kind='stable')
df[['user_id', 'session_id', 'item_id', 'time', 'kind', 'weight']].to_csv(out + '/events.csv', index=False)
carts = df[df.kind == 'cart'].groupby(['user_id', 'session_id']).item_id.unique()
with open(out + '/baskets.txt', 'w') as f:
    for items in carts: f.write(' '.join(items) + '\n')
df.item_id.drop_duplicates().to_csv(out + '/cleaned_product_ids.csv', index=False)
'''


def run(command):
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit('failed: ' + ' '.join(command[:3]))
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def lines(path):
    with open(path, 'rb') as file:
        return sum(chunk.count(b'\n') for chunk in iter(lambda: file.read(1 << 20), b''))


def compare(args, folder):
    catalogue, log = f'{folder}/catalogue-{args.products}.csv', f'{folder}/events-{args.rows}-{args.products}.csv'
    for path, make in ((catalogue, lambda p: generate_catalogue(p, args.products)),
                       (log, lambda p: generate_log(p, args.rows, args.products))):
        if not os.path.exists(path):
            make(path + '.tmp')
            os.rename(path + '.tmp', path)
    print(f'{args.rows} events, {os.path.getsize(log) / 1e6:.0f} MB; {args.products} products, {os.path.getsize(catalogue) / 1e6:.0f} MB', flush=True)
    rows = args.rows + args.products
    ours = run([args.vitrine, 'ingest', '--catalogue', catalogue, '--events', log, '-o', folder + '/vitrine', '-q',
                '--max-session-events', '0', *args.flags])  # pandas leaves no bots out
    print(f'vitrine: {rows / ours[0]:,.0f} rows/s wall, {rows / ours[1]:,.0f} rows per CPU second, peak {ours[2]:.0f} MiB', flush=True)
    if subprocess.run([args.python, '-c', 'import pandas'], capture_output=True).returncode:
        return print('pandas: not installed (Debian: python3-pandas), no comparison')
    os.makedirs(folder + '/pandas', exist_ok=True)
    theirs = run([args.python, '-c', PANDAS, catalogue, log, folder + '/pandas'])
    print(f'pandas:  {rows / theirs[0]:,.0f} rows/s wall, {rows / theirs[1]:,.0f} rows per CPU second, peak {theirs[2]:.0f} MiB')
    same = [lines(f'{folder}/{who}/events.csv') for who in ('vitrine', 'pandas')]
    print(f'same events: {same[0] == same[1]} ({same[0] - 1}); {theirs[0] / ours[0]:.1f} times as fast ({theirs[1] / ours[1]:.1f} by CPU time), '
          f'1/{theirs[2] / ours[2]:.1f} of the memory')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--rows', type=int, default=1_000_000)
    parser.add_argument('--products', type=int, default=50_000)
    parser.add_argument('--vitrine', default='build/vitrine')
    parser.add_argument('--python', default='/usr/bin/python3')
    parser.add_argument('--data', help='where generated files are kept; default: a temporary folder')
    parser.add_argument('flags', nargs='*', help='more flags of vitrine ingest, behind --')
    args = parser.parse_args()
    if args.data:
        os.makedirs(args.data, exist_ok=True)
        return compare(args, args.data)
    with tempfile.TemporaryDirectory() as folder:
        compare(args, folder)


if __name__ == '__main__':
    main()
