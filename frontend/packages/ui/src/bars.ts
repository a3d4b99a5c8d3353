/** Bars over time, drawn by ECharts: fetched only when a page shows a chart. */
import { BarChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type EChartsCoreOption } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

import type { BarPanel } from "./types";

use([BarChart, GridComponent, TooltipComponent, SVGRenderer]);

export interface Drawing {
  show: (labels: readonly string[], panel: BarPanel) => void;
  fit: () => void;
  end: () => void;
}

/** A colour of the page as it is now; charts cannot read CSS variables by themselves. */
function colour(element: Element, token: string): string {
  return getComputedStyle(element).getPropertyValue(token).trim();
}

/** The bubble is built of nodes, so that no label can be taken for markup. */
function bubble(label: string, said: string): HTMLElement {
  const box = document.createElement("div");
  const value = document.createElement("strong");
  value.textContent = said;
  box.append(label, document.createElement("br"), value);
  return box;
}

function optionOf(element: Element, labels: readonly string[], panel: BarPanel): EChartsCoreOption {
  const quiet = colour(element, "--gx-text-3");
  const line = colour(element, "--gx-line");
  return {
    animationDuration: 240,
    textStyle: { fontFamily: getComputedStyle(element).fontFamily },
    grid: { left: 2, right: 2, top: 4, bottom: 20 },
    xAxis: {
      type: "category",
      data: [...labels],
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      // The first and the last say where the time begins and ends; more would only be noise.
      axisLabel: { color: quiet, fontSize: 11, interval: (index: number) => index === 0 || index === labels.length - 1, alignMinLabel: "left", alignMaxLabel: "right" },
    },
    yAxis: { type: "value", show: false, min: 0 },
    tooltip: {
      trigger: "axis",
      confine: true,
      axisPointer: { type: "shadow", shadowStyle: { color: colour(element, "--gx-hover") } },
      backgroundColor: colour(element, "--gx-raised"),
      borderColor: line,
      textStyle: { color: colour(element, "--gx-text"), fontSize: 12 },
      formatter: (items: { dataIndex: number; name: string }[]) => bubble(items[0]?.name ?? "", panel.say(panel.values[items[0]?.dataIndex ?? 0] ?? 0)),
    },
    series: [
      {
        type: "bar",
        data: panel.values.map((value, index) => ({ value, itemStyle: { opacity: index === panel.values.length - 1 ? 0.55 : 1 } })),
        barCategoryGap: "28%",
        barMinHeight: 1,
        itemStyle: { color: colour(element, panel.quiet ? "--gx-quiet-dot" : "--gx-accent"), borderRadius: [2, 2, 0, 0] },
        emphasis: { disabled: true },
      },
    ],
  };
}

export function draw(element: HTMLElement): Drawing {
  const chart = init(element, null, { renderer: "svg" });
  return {
    show: (labels, panel) => chart.setOption(optionOf(element, labels, panel), true),
    fit: () => chart.resize(),
    end: () => chart.dispose(),
  };
}
