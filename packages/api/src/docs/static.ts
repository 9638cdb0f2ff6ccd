/** Readable in light and in dark, on wide and on narrow screens. */
export const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--get:#1a7f37;--put:#9a6700;--post:#0969da;--delete:#cf222e}
body{margin:0;display:flex;font:15px/1.5 system-ui,sans-serif}
nav{position:sticky;top:0;height:100vh;overflow:auto;width:17rem;flex:none;padding:1rem;box-sizing:border-box;border-right:1px solid var(--line)}
nav h1{font-size:1.1rem;margin:0 0 .5rem}nav ul{list-style:none;padding:0;margin:0}nav input{width:100%;box-sizing:border-box;padding:.35rem}
main{flex:1;min-width:0;max-width:62rem;padding:1rem 2rem}
h2{border-bottom:1px solid var(--line);padding-bottom:.2rem}h4{margin:.6rem 0 .1rem}ul{margin:.2rem 0}
a{color:inherit}code{background:var(--soft);padding:0 .25em;border-radius:3px;overflow-wrap:anywhere}
.operation{border:1px solid var(--line);border-radius:6px;margin:.35rem 0;padding:.35rem .7rem}
.operation>summary{cursor:pointer}.operation>summary span{opacity:.75;margin-left:.4rem}
.get{color:var(--get)}.put,.patch{color:var(--put)}.post{color:var(--post)}.delete{color:var(--delete)}
.operation>summary b{display:inline-block;width:4rem;font-size:.8rem}
.required{color:var(--delete);font-size:.75rem;font-weight:normal}.note{opacity:.75}
@media(max-width:50rem){body{display:block}nav{position:static;width:auto;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}}`;

/** Hides operations, and sections with none left, that do not contain the filter's text; the list of sections with them. */
export const filterScript = `
document.getElementById("filter").addEventListener("input",({target})=>{
  const wanted=target.value.trim().toLowerCase();
  for(const section of document.querySelectorAll("section")){
    const all=section.querySelector("h2").textContent.toLowerCase().includes(wanted);
    let shown=0;
    for(const operation of section.querySelectorAll(".operation")){
      operation.hidden=!all&&!operation.querySelector("summary").textContent.toLowerCase().includes(wanted);
      if(!operation.hidden)shown++;
    }
    section.hidden=shown===0;
    const hash="#"+section.querySelector("h2").id;
    for(const link of document.querySelectorAll("nav li a"))if(link.hash===hash)link.parentElement.hidden=section.hidden;
  }
});`;
