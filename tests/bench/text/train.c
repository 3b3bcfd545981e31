#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "text/train.h"
#include "text/lang.h"
#include "text/train_fit.h"
static double now(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return (double)t.tv_sec+1e-9*(double)t.tv_nsec;}
static struct train_text *rd(const char*f,size_t*n){FILE*p=fopen(f,"r");char*l=NULL;size_t c=0;ssize_t k;struct train_text*t=calloc(200000,sizeof*t);*n=0;
 while((k=getline(&l,&c,p))>0){char*tab;l[k-1]=0;tab=strchr(l,'\t');*tab=0;const char**lab=calloc(1,sizeof*lab);lab[0]=strdup(l);t[*n]=(struct train_text){.text=strdup(tab+1),.len=strlen(tab+1),.lang=getenv("LANG_"),.labels=lab,.line=*n+1};++*n;}fclose(p);return t;}
int main(int c,char**v){size_t n,m;(void)c;struct train_text*tr=rd(v[1],&n),*te=rd(v[2],&m);
 const char*heads[]={"h"};struct arena a;arena_init(&a);struct train_options o={.version="1",.heads=heads,.heads_nr=1,.balance=getenv("BAL")?atof(getenv("BAL")):0.,.seed=1};
 struct text_model*mo;struct train_report r;struct error e;double t0=now();
 if(text_train(&mo,&r,&a,tr,n,&o,&e)<0){puts(e.text);return 1;}
 printf("train %.1f s\n",now()-t0);
 for(size_t i=0;i<r.results_nr;i++){struct train_result*x=&r.results[i];printf("%s n=%zu C=%g cvF1=%.4f acc=%.4f thr=%.3f sure=%.3f\n",x->lang,x->texts,x->c,x->macro_f1,x->accuracy,x->threshold,x->sure_share);
 for(size_t k=0;k<x->labels_nr;k++)printf("   %s %zu P%.3f R%.3f F%.3f\n",x->labels[k].label,x->labels[k].texts,x->labels[k].precision,x->labels[k].recall,x->labels[k].f1);}
 printf("remarks %zu bytes %zu\n",r.remarks_nr,text_model_bytes(mo));
 const char*labs[64];size_t ln=0;int*y=calloc(m,sizeof*y);double*sc=calloc(m*64,sizeof*sc);
 struct train_result*x=&r.results[0];ln=x->labels_nr;for(size_t k=0;k<ln;k++)labs[k]=x->labels[k].label;
 double t=0;struct arena s;arena_init(&s);
 for(size_t i=0;i<m;i++){for(size_t k=0;k<ln;k++)if(!strcmp(labs[k],te[i].labels[0]))y[i]=(int)k;
  double b=now();struct text no=text_normalise(&s,te[i].text,te[i].len);struct tokens to=text_tokens(&s,&no);struct features f=text_features(&s,&to);struct predictions p=text_model_predict(mo,&s,&f,x->lang);
  for(size_t k=0;k<ln;k++)sc[i*ln+k]=p.p[0].probabilities[k];
  t+=now()-b;arena_reset(&s);}
 struct fit_score q;fit_measure(&q,&a,y,sc,m,ln);printf("TEST F1 %.4f acc %.4f  %.2f us/text\n",q.macro_f1,q.accuracy,t/(double)m*1e6);return 0;}
