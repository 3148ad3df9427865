// What the harness asks of a page that stands in the browser. Sentences come back; none means that all is well.
window.eyes = (() => {
  const shown = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden"
  const all = selector => [...document.querySelectorAll(selector)]
  const name = element => {
    if (!element || element === document.body) return "the page itself"
    const words = (element.innerText || element.value || element.getAttribute("aria-label") || "").trim().slice(0, 40)
    return `<${element.tagName.toLowerCase()}${element.id ? " id=" + element.id : ""}> ${words}`.trim()
  }

  function frame() {
    const found = [], title = document.title, summary = all(".govuk-error-summary").some(shown)
    if (!title.endsWith("– Coprod")) found.push(`the title does not end with “– Coprod”: ${title}`)
    if (title.startsWith("Error:") !== summary)
      found.push(summary ? "there is an error summary, but the title does not begin with “Error:”"
        : "the title begins with “Error:”, but there is no error summary")
    if (/[{}]|None\b|undefined/.test(title)) found.push(`the title has something unfinished in it: ${title}`)
    const headings = all("h1").filter(shown).length
    if (headings !== 1) found.push(`there are ${headings} headings of the first level`)
    if (!all(".coprod-help").some(shown)) found.push("there is no help block")
    if (document.documentElement.lang !== "en-GB") found.push("the page does not say that it is in English")
    const odd = document.body.innerText.match(/.{0,30}(\{\{|\{%|[a-z:] None\b(?! (given|are|of|is|yet))|\bundefined\b|\[object ).{0,30}/)
    if (odd) found.push(`there is something unfinished on the page: ${odd[0]}`)
    return found
  }

  function tooWide() {
    const page = document.documentElement, width = page.clientWidth
    if (page.scrollWidth <= width) return []
    const out = all("body *").filter(shown).filter(element => element.getBoundingClientRect().right > width + 1)
    return [`the page is ${page.scrollWidth} pixels wide on a screen of ${width}: ${out.slice(-3).map(name).join("; ")}`]
  }

  async function axe(exception) {
    const told = await window.axe.run(document, {
      runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
      rules: { "target-size": { enabled: true } },
      resultTypes: ["violations"],
    })
    const isExcepted = (rule, node) => rule === exception.rule && node.target.length === 1 &&
      document.querySelector(node.target[0])?.matches(exception.selector)
    const found = []
    for (const { id, help, nodes } of told.violations)
      for (const node of nodes)
        if (!isExcepted(id, node)) found.push(`axe ${id} (${help}) at ${node.target.join(" ")}`)
    return found
  }

  // Whether something that has the keyboard's focus looks different from how it looked before.
  const before = new Map()
  const SEEN = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderTopColor",
    "borderTopWidth", "borderBottomColor", "borderBottomWidth", "textDecorationThickness"]
  const look = (element, part) => {
    const style = getComputedStyle(element, part)
    return SEEN.map(property => style[property]).join()
  }
  const looks = element => {
    const label = element.labels?.[0]
    return [look(element), look(element, "::before"), look(element, "::after"), label ? look(label, "::before") : "",
      label ? look(label, "::after") : "", element.parentElement ? look(element.parentElement) : ""].join("|")
  }

  function toTheTop() {
    document.body.tabIndex = -1
    document.body.focus()
    document.body.blur()
    document.body.removeAttribute("tabindex")
    window.scrollTo(0, 0)
    before.clear()
    for (const element of all("a[href], button, input, select, textarea, summary, [tabindex]"))
      before.set(element, looks(element))
  }

  let order = new Map()
  function stop() {
    const element = document.activeElement
    if (!element || element === document.body) return { last: true }
    if (order.has(element)) { order = new Map(); return { last: true } }
    order.set(element, true)
    const box = element.getBoundingClientRect()
    const inView = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth
    const found = []
    if (before.get(element) === looks(element)) found.push(`the focus cannot be seen on ${name(element)}`)
    if (!inView) found.push(`the focus is outside of the screen on ${name(element)}`)
    return { last: false, found }
  }

  function landed(hash) {
    const wanted = document.getElementById(decodeURIComponent(hash.slice(1))), active = document.activeElement
    if (!wanted) return [`the error summary's link ${hash} leads nowhere`]
    const control = active?.matches("input, select, textarea, button")
    return control && (active === wanted || wanted.contains(active)) ? []
      : [`the error summary's link ${hash} does not move the focus to its control, but to ${name(active)}`]
  }

  return { frame, tooWide, axe, toTheTop, stop, landed }
})()
