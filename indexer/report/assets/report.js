// Makes the report's clouds and curves explorable: pointing says what a dot is, dragging looks
// closer, a double click goes back. Without this script every chart is there as a drawing.
(() => {
  document.documentElement.classList.add("js");
  const style = (name) => getComputedStyle(document.querySelector(".chart")).getPropertyValue(name).trim();

  // One ascending x for all series, as the plotting library wants it: each series has its own rows.
  function align(series) {
    const dots = series.flatMap((one, s) => one.x.map((x, i) => ({x, y: one.y[i], s, label: one.label?.[i] ?? ""})));
    dots.sort((a, b) => a.x - b.x);
    const data = [dots.map((dot) => dot.x)];
    series.forEach((_, s) => data.push(dots.map((dot) => (dot.s === s ? dot.y : null))));
    return {dots, data};
  }

  function tipOf(figure) {
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    figure.append(tip);
    return tip;
  }

  // Shows what the nearest dot within a few pixels of the pointer is.
  function pointing(plot, chart, dots, tip) {
    plot.over.addEventListener("mousemove", ({offsetX, offsetY}) => {
      let best = null, least = 12 * 12;
      for (const dot of dots) {
        if (!plot.series[dot.s + 1].show) continue;
        const dx = plot.valToPos(dot.x, "x") - offsetX, dy = plot.valToPos(dot.y, "y") - offsetY;
        if (dx * dx + dy * dy < least) [best, least] = [dot, dx * dx + dy * dy];
      }
      tip.hidden = !best;
      if (!best) return;
      const text = (value, percent) => (percent ? `${(value * 100).toPrecision(3)} %` : Number(value.toPrecision(4)).toLocaleString("en"));
      tip.textContent = [chart.series[best.s].name, best.label,
        chart.axes && `${chart.x_label} ${text(best.x, chart.x_percent)}, ${chart.y_label} ${text(best.y, chart.y_percent)}`]
        .filter(Boolean).join(": ");
      tip.style.left = `${Math.min(offsetX + plot.over.offsetLeft + 12, plot.over.offsetWidth - 120)}px`;
      tip.style.top = `${offsetY + plot.over.offsetTop + 12}px`;
    });
    plot.over.addEventListener("mouseleave", () => { tip.hidden = true; });
  }

  function explore(chart) {
    const svg = document.querySelector(`[id="${chart.id}"] svg.chart`);
    if (!svg || typeof uPlot === "undefined") return;
    const figure = svg.closest("figure");
    const {dots, data} = align(chart.series);
    const holder = document.createElement("div");
    holder.className = "plot";
    svg.parentElement.before(holder);
    const lines = chart.kind === "lines";
    const percent = (yes) => (_, values) => values.map((value) => (value === null ? "" : yes ? `${Number((value * 100).toPrecision(3))} %` : value.toLocaleString("en")));
    const axis = (label, isPercent) => ({show: chart.axes, label, stroke: style("--soft"), values: percent(isPercent), size: label === chart.x_label ? 36 : 62, labelSize: 22, labelGap: 2,
      grid: {stroke: style("--grid"), width: 1}, ticks: {stroke: style("--grid")}, ...(chart.x_logarithmic && label === chart.x_label ? {filter: named} : {}), font: "12px system-ui", labelFont: "12px system-ui"});
    // A little more than the dots, so that none is cut by the edge.
    const around = (_, low, high) => {
      const share = lines ? 0 : 0.02;
      return chart.x_logarithmic ? [low * (low / high) ** share, high * (high / low) ** share] : [low - (high - low) * share, high + (high - low) * share];
    };
    // Of a logarithmic axis 1, 2 and 5 times each power of ten; of a short one more, that have one digit.
    const named = (plot, splits) => {
      const {min, max} = plot.scales.x;
      const only = (digits) => splits.map((value) => (digits.test(value.toExponential(1)) ? value : null));
      const enough = (some) => some.filter((value) => value >= min && value <= max).length > 2;
      return [only(/^[125]\.0/), only(/^[12357]\.0/)].find(enough) ?? only(/^\d\.0/);
    };
    const width = Math.min(820, figure.clientWidth || 720);
    const plot = new uPlot({
      width, height: chart.axes ? 380 : 560,
      scales: {x: {time: false, distr: chart.x_logarithmic ? 3 : 1, range: around}, y: chart.from_zero ? {range: (_, low, high) => [0, high * 1.05]} : {}},
      axes: [axis(chart.x_label, chart.x_percent), axis(chart.y_label, chart.y_percent)],
      legend: {live: false, show: chart.series.length > 1, markers: {fill: (_, s) => style(`--c${(s - 1) % 8}`)}},
      cursor: {drag: {x: true, y: true, uni: 12}, points: {show: false}, x: false, y: false},
      series: [{}, ...chart.series.map((one, s) => {
        const colour = style(`--c${s % 8}`);
        return {label: one.name, stroke: colour, fill: undefined, width: 2, spanGaps: true, paths: lines ? undefined : () => null,
          points: {show: true, size: lines ? 7 : dots.length > 1000 ? 4 : 7, fill: colour, width: 0}};
      })],
    }, data, holder);
    pointing(plot, chart, dots, tipOf(holder));
    figure.classList.add("live");
    // The library's own table of the legend has no words for those who cannot see it; the drawing
    // and the table below have.
    holder.setAttribute("role", "img");
    holder.setAttribute("aria-label", svg.querySelector("desc").textContent);
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent = "Point at a dot to see what it is; drag to look closer; double-click to go back.";
    holder.after(hint);
    addEventListener("resize", () => plot.setSize({width: Math.min(820, figure.clientWidth || width), height: plot.height}));
  }

  for (const chart of JSON.parse(document.getElementById("charts").textContent)) explore(chart);

  // On a narrow screen drawings keep their size and are moved sideways, by the keyboard, too.
  for (const drawing of document.querySelectorAll(".drawing")) {
    if (drawing.scrollWidth <= drawing.clientWidth) continue;
    drawing.tabIndex = 0;
    drawing.setAttribute("role", "region");
    drawing.setAttribute("aria-label", drawing.querySelector("title").textContent);
  }

  // The page that is being read, in the table of contents.
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(entry.target.id)?.setAttribute("aria-current", "true");
    }
  }, {rootMargin: "-10% 0px -80% 0px"});
  for (const section of document.querySelectorAll("main > section")) watch.observe(section);
})();
